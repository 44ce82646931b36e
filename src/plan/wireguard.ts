/** WireGuard tunnels: an interface at each end while the lab is made, keys when it is known which run it is. */
import type { CellExperiment, WireguardTunnel } from '../types/experiment.ts';
import { helperSetups } from './helper.ts';
import type { Step } from './step.ts';

const host = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;

/** Settings of one end: its node, the inner addresses, and what it knows of the other end at start. */
export function endOf(tunnel: WireguardTunnel, node: string): { inner: string; peerInner: string; peer: string; endpoint: string | null } {
  const { initiator, responder, initiatorInner, responderInner, responderAddress, port } = tunnel;
  if (node !== initiator) return { inner: responderInner, peerInner: initiatorInner, peer: initiator, endpoint: null };
  const address = responderAddress.includes(':') ? `[${responderAddress}]` : responderAddress;
  return { inner: initiatorInner, peerInner: responderInner, peer: responder, endpoint: `${address}:${port}` };
}

/** The initiator's inner address is on the tunnel; the responder's is one it has anyway. */
export function tunnelSteps(cell: CellExperiment): Step[] {
  return (cell.wireguard ?? []).flatMap((tunnel) =>
    [tunnel.initiator, tunnel.responder].map((node): Step => {
      const { inner, peerInner } = endOf(tunnel, node);
      const own = node === tunnel.initiator ? [`address add ${host(inner)} dev ${tunnel.name}`] : [];
      const up = [`link set dev ${tunnel.name} up`, `route add ${host(peerInner)} dev ${tunnel.name} src ${inner}`];
      const lines = [`link add name ${tunnel.name} type wireguard`, ...own, ...up];
      return { phase: 'lab', title: `tunnel interface ${tunnel.name} of ${node}`, do: 'batch', tool: 'ip', node, lines };
    }),
  );
}

/** A place for keys and control sockets on nodes that have none because no charon runs there. */
export function tunnelRooms(cell: CellExperiment): Step[] {
  const charons = cell.ipsec.flatMap((c) => [c.initiator, c.responder]);
  const wireguard = (cell.wireguard ?? []).flatMap((t) => [t.initiator, t.responder]);
  const helpers = helperSetups(cell).map(({ node }) => node.name);
  const nodes = [...new Set([...wireguard, ...helpers])].filter((n) => !charons.includes(n));
  return nodes.map((node) => ({ phase: 'lab', title: `a /run of its own for ${node}`, do: 'private-run', node }));
}

export function keySteps(cell: CellExperiment): Step[] {
  return (cell.wireguard ?? []).flatMap((tunnel) =>
    [tunnel.initiator, tunnel.responder].map(
      (node): Step => ({ phase: 'connect', title: `keys of ${tunnel.name} on ${node}`, do: 'wireguard', node, tunnel }),
    ),
  );
}

/** Inside the node's private /run. */
export const wireguardFile = (tunnel: WireguardTunnel): string => `/run/${tunnel.name}.conf`;

/** Base64, of one end of a tunnel. */
export interface WireguardKeys {
  privateKey: (tunnel: WireguardTunnel, node: string) => string;
  publicKey: (tunnel: WireguardTunnel, node: string) => string;
}

/** What `wg setconf` reads (wg(8)). */
export function wireguardConf(tunnel: WireguardTunnel, node: string, keys: WireguardKeys): string {
  const { peerInner, peer, endpoint } = endOf(tunnel, node);
  return `[Interface]
PrivateKey = ${keys.privateKey(tunnel, node)}
ListenPort = ${tunnel.port}

[Peer]
PublicKey = ${keys.publicKey(tunnel, peer)}
AllowedIPs = ${host(peerInner)}
${endpoint === null ? '' : `Endpoint = ${endpoint}\n`}`;
}
