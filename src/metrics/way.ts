/** Whether a captured packet came in or went out at its interface. */
import type { Packet } from '../types/packet.ts';
import { AddressSet } from './address.ts';
import type { CaptureInput } from './input.ts';
import type { Tunnel } from './tunnels.ts';

export type Way = 'in' | 'out' | null;

/** 'out' when the frame left by the capturing interface, 'in' when it was addressed to it, null for bystanders. */
export function wayOf(packet: Packet, capture: CaptureInput): Way {
  if (packet.direction !== null) return packet.direction;
  if (packet.srcMac !== null && packet.srcMac === capture.mac) return 'out';
  return packet.dstMac !== null && packet.dstMac === capture.mac ? 'in' : null;
}

/** The same on a tunnel's interface, where there are no MACs: the inner addresses of the two ends tell. */
export function wayInTunnel(tunnel: Tunnel, node: string): (packet: Packet) => Way {
  const ends = [new AddressSet([tunnel.initiatorInner]), new AddressSet([tunnel.responderInner])];
  const [own, peer] = (tunnel.initiator === node ? ends : ends.reverse()) as [AddressSet, AddressSet];
  return ({ src, dst }) => {
    if (own.has(dst) || peer.has(src)) return 'in';
    return own.has(src) || peer.has(dst) ? 'out' : null;
  };
}
