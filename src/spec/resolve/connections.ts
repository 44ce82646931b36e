/** What protects the cell's traffic: IPsec connections, WireGuard tunnels and tunnels of ESP in zones, by what each entry says. */
import type { IpsecConnection, MmlTunnel, WireguardTunnel } from '../../types/experiment.ts';
import type { FileIke } from '../schema/ipsec.ts';
import { DEFAULT_ESP, DEFAULT_MODE, SECURITIES, type Security } from '../security.ts';
import { connectionEnds } from './connection-ends.ts';
import type { Context } from './context.ts';
import { ipsecConnection } from './ipsec.ts';
import { mmlTunnel } from './mml.ts';
import type { Shelter } from './shelter.ts';
import type { InterfaceTunnel } from './tunnel-interface.ts';
import { wireguardTunnel } from './wireguard.ts';

function securityOf(context: Context, name: string, file: FileIke): Security {
  if (file.security === undefined) return { kind: 'ipsec', mode: file.mode ?? DEFAULT_MODE, esp: file.esp ?? DEFAULT_ESP };
  for (const key of ['mode', 'esp'] as const) {
    if (file[key] === undefined) continue;
    const message = `"security" and "${key}" are both given`;
    context.report(['ipsec', name, key], { code: 'E_SPEC_CONFLICT', message, at: 'key', got: key, hint: 'keep one' });
  }
  return SECURITIES[file.security];
}

export interface Connections {
  ipsec: IpsecConnection[];
  wireguard: WireguardTunnel[];
  mml: MmlTunnel[];
  /** all of them, in the order of the file */
  shelters: Shelter[];
}

export function resolveConnections(context: Context): Connections {
  const made: Connections = { ipsec: [], wireguard: [], mml: [], shelters: [] };
  for (const [name, file] of Object.entries(context.file.ipsec)) {
    if (file.kind === 'mml') {
      const found = mmlTunnel(context, name, file);
      if (found === null) continue;
      made.mml.push(found.tunnel);
      made.shelters.push(found.shelter);
      continue;
    }
    const security = securityOf(context, name, file);
    if (security.kind === 'none') connectionEnds(context, name, file);
    else if (security.kind === 'ipsec') {
      const connection = ipsecConnection(context, name, file, security);
      if (connection === null) continue;
      made.ipsec.push(connection);
      made.shelters.push(connection);
    } else {
      const found = wireguardTunnel(context, name, file, made.wireguard.length);
      if (found === null) continue;
      made.wireguard.push(found.tunnel);
      made.shelters.push(found.shelter);
    }
  }
  checkVirtualIps(context, made.shelters);
  checkTunnelRoutes(context, [...made.wireguard, ...made.mml]);
  checkUdpPort(context, made);
  return made;
}

/** The initiator has one route to each inner address. */
function checkTunnelRoutes(context: Context, tunnels: readonly InterfaceTunnel[]): void {
  for (const [index, { name, initiator, responderInner }] of tunnels.entries()) {
    const other = tunnels.slice(0, index).find((one) => one.initiator === initiator && one.responderInner === responderInner);
    if (other === undefined) continue;
    const message = `"${other.name}" is a tunnel from "${initiator}" to ${responderInner} already`;
    const hint = 'an address has one route: remove this one (or by "only" from these cells), or give each its own responderNets';
    context.report(['ipsec', name], { code: 'E_SPEC_CONFLICT', message, at: 'key', got: name, hint });
  }
}

/** ESP in UDP has one port (RFC 3948): charon's on a node that runs one. */
function checkUdpPort(context: Context, { ipsec, mml }: Connections): void {
  for (const tunnel of mml.filter(({ encapsulation }) => encapsulation === 'udp')) {
    const nodes = [tunnel.initiator, tunnel.responder];
    const node = nodes.find((one) => ipsec.some(({ initiator, responder }) => one === initiator || one === responder));
    if (node === undefined) continue;
    const message = `charon on "${node}" has UDP port 4500`;
    const hint = 'use "encapsulation: esp", or keep IKE and this tunnel in different cells with "only"';
    context.report(['ipsec', tunnel.name, 'encapsulation'], { code: 'E_SPEC_CONFLICT', message, hint });
  }
}

function checkVirtualIps(context: Context, shelters: readonly Shelter[]): void {
  const seen = new Map<string, string>();
  for (const { name, virtualIp } of shelters) {
    if (virtualIp === undefined) continue;
    const owner = seen.get(virtualIp);
    if (owner !== undefined) {
      const message = `${virtualIp} is already the virtual address of "${owner}"`;
      context.report(['ipsec', name, 'virtualIp'], { code: 'E_SPEC_ADDRESS_DUPLICATE', message, hint: 'each connection needs its own' });
    }
    seen.set(virtualIp, name);
  }
}
