/** What a packet looks like from outside, to a foreign agent: where its ESP, or a TCP header in clear, begins. */
import { ipv4Bounds } from '../../mlipsec/index.ts';
import { u16 } from '../../mlipsec/octets.ts';

const IP_IN_IP = 4;
const TCP = 6;
const UDP = 17;
const ESP = 50;
const UDP_HEADER = 8;
/** of ESP in UDP and IKE (RFC 3948) */
const NAT_PORT = 4500;
const ESP_HEADER = 8;
const HEADER = 20;

/**
 * esp: the payload, SPI to last ICV, is at `[at, end)`; clear: an IPv4 header is at `at`, the packet's own or that of one in it; other: nothing
 * for an agent.
 */
export interface Outer {
  kind: 'esp' | 'clear' | 'other';
  at: number;
  end: number;
}

const OTHER: Outer = Object.freeze({ kind: 'other', at: 0, end: 0 });

/** Fragments, packets with options and everything malformed are `other`. */
export function readOuter(packet: Uint8Array): Outer {
  if (packet[0] !== 0x45) return OTHER;
  const bounds = ipv4Bounds(packet);
  if (!bounds.ok) return OTHER;
  const { header, end, protocol } = bounds;
  if (protocol === ESP) return end - header < ESP_HEADER ? OTHER : { kind: 'esp', at: header, end };
  if (protocol === TCP) return { kind: 'clear', at: 0, end };
  if (protocol === IP_IN_IP) return end - header < HEADER ? OTHER : { kind: 'clear', at: header, end };
  if (protocol !== UDP || end - header < UDP_HEADER + ESP_HEADER) return OTHER;
  if (u16(packet, header) !== NAT_PORT && u16(packet, header + 2) !== NAT_PORT) return OTHER;
  const udpEnd = header + u16(packet, header + 4);
  return udpEnd < header + UDP_HEADER + ESP_HEADER || udpEnd > end ? OTHER : { kind: 'esp', at: header + UDP_HEADER, end: udpEnd };
}
