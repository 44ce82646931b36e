/**
 * Tunnels that are an interface of their own at both ends, WireGuard's and those of the ESP helper: what is captured there is protected as
 * soon as it leaves the node, and the addresses inside are those of its two sides.
 */
import type { CellExperiment, MmlTunnel, WireguardTunnel } from '../types/experiment.ts';
import type { Packet } from '../types/packet.ts';

export type Tunnel = WireguardTunnel | MmlTunnel;

const IPIP = 4;
const ESP = 50;

/** All of a cell. */
export function tunnelsOf({ wireguard, mml }: Pick<CellExperiment, 'wireguard' | 'mml'>): Tunnel[] {
  return [...(wireguard ?? []), ...(mml ?? [])];
}

export const isMml = (tunnel: Tunnel): tunnel is MmlTunnel => 'boundaries' in tunnel;

export const isEnd = ({ initiator, responder }: Tunnel, node: string): boolean => initiator === node || responder === node;

/** The tunnel whose interface this is. */
export function tunnelAt(cell: CellExperiment, node: string, name: string): Tunnel | null {
  return tunnelsOf(cell).find((tunnel) => tunnel.name === name && isEnd(tunnel, node)) ?? null;
}

/** Have the ends agreed that packets of a flow, or some of them, cross in clear? */
export function agreesOnPlain(tunnel: Tunnel): boolean {
  const dynamic = isMml(tunnel) ? tunnel.dynamic : undefined;
  return dynamic !== undefined && (dynamic.otherwise === 'plain' || dynamic.perFlow.some(({ mode }) => mode === 'plain'));
}

/** Between the outer addresses of the ESP helper's tunnel, either way. */
export function isBetween({ initiatorAddress: a, responderAddress: b }: MmlTunnel, { src, dst }: Packet): boolean {
  return (src === a && dst === b) || (src === b && dst === a);
}

/**
 * The tunnel whose own packet this is: a message of WireGuard (types 1 to 4, none shorter than 32 octets: wireguard.com/protocol), ESP
 * between the outer addresses, IP in IP where both ends have agreed on it. Null for what is none.
 */
export function carrierOf(tunnels: readonly Tunnel[], packet: Packet): Tunnel | null {
  return tunnels.find((tunnel) => carries(tunnel, packet)) ?? null;
}

function carries(tunnel: Tunnel, packet: Packet): boolean {
  const { protocol, srcPort, dstPort, payload } = packet;
  if (!isMml(tunnel)) {
    if (protocol !== 17 || (tunnel.port !== srcPort && tunnel.port !== dstPort)) return false;
    return payload.length >= 32 && payload[0]! >= 1 && payload[0]! <= 4;
  }
  const own = protocol === ESP || packet.esp !== null || (protocol === IPIP && agreesOnPlain(tunnel));
  return own && isBetween(tunnel, packet);
}
