/** To which flow an inner datagram belongs: addresses, protocol and ports, the same both ways. Reads octets from anyone. */
import { IPV4_HEADER } from './header.ts';
import { u16, u32 } from './octets.ts';

export interface FlowKey {
  /** equal for the packets of one flow, whichever way they go */
  readonly key: string;
  /** 0 where the protocol has none */
  readonly ports: readonly [number, number];
}

const PORTED = [6, 17, 132]; // TCP, UDP, SCTP
const FRAGMENT = 0x3fff; // more fragments, offset

/** Null for what is not an IPv4 datagram, or does not show its flow: a fragment, ports cut off. */
export function flowKey(inner: Uint8Array): FlowKey | null {
  if (inner.length < IPV4_HEADER || inner[0]! >>> 4 !== 4) return null;
  const header = (inner[0]! & 0xf) * 4;
  if (header < IPV4_HEADER || inner.length < header || (u16(inner, 6) & FRAGMENT) !== 0) return null;
  const protocol = inner[9]!;
  const ported = PORTED.includes(protocol);
  if (ported && inner.length < header + 4) return null;
  const a = { address: u32(inner, 12), port: ported ? u16(inner, header) : 0 };
  const b = { address: u32(inner, 16), port: ported ? u16(inner, header + 2) : 0 };
  const ordered = a.address < b.address || (a.address === b.address && a.port <= b.port);
  const [low, high] = ordered ? [a, b] : [b, a];
  const key = String.fromCharCode(
    protocol,
    low.address >>> 16,
    low.address & 0xffff,
    low.port,
    high.address >>> 16,
    high.address & 0xffff,
    high.port,
  );
  return { key, ports: [a.port, b.port] };
}
