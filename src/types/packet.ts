/** Decoded packets: what `pcap/` yields and `metrics/` reads. */
import type { Nanoseconds } from './run.ts';
import type { SctpInfo } from './sctp.ts';

export interface Frame {
  /** ns since the epoch given to the reader (a whole Unix second) */
  t: Nanoseconds;
  linkType: number;
  /** bytes on the wire; `data` may be shorter (snap length, truncated file) */
  length: number;
  data: Uint8Array;
}

export interface UdpFlowHeader {
  /** see traffic/payload.ts */
  flow: number;
  seq: number;
  sent: Nanoseconds;
}

export interface IkeInfo {
  initiatorSpi: string;
  responderSpi: string;
  /** IKE_SA_INIT 34, IKE_AUTH 35, CREATE_CHILD_SA 36, INFORMATIONAL 37 */
  exchange: number;
  messageId: number;
  response: boolean;
  fromInitiator: boolean;
  /** false: keys missing or integrity check failed, `notifies` is empty then */
  decrypted: boolean;
  /** payload types in order, inside SK when decrypted */
  payloads: number[];
  notifies: { type: number; protocol: number; spi: string; data: Uint8Array }[];
}

export interface EspInfo {
  spi: number;
  seq: number;
  udpEncap: boolean;
  /** the inner packet when the keys were known and the ICV matched */
  inner: Packet | null;
  authenticated: boolean;
}

export interface Packet {
  t: Nanoseconds;
  /** MACs only for Ethernet; direction 'out' for Linux cooked packet type 4 */
  srcMac: string | null;
  dstMac: string | null;
  direction: 'in' | 'out' | null;
  /** 4, 6, or 0 for anything that is not IP (ARP...) */
  ipVersion: 0 | 4 | 6;
  src: string;
  dst: string;
  /** IP protocol of the upper layer, after IPv6 extension headers; -1 when not IP */
  protocol: number;
  /** IP total length */
  length: number;
  fragment: boolean;
  srcPort: number;
  dstPort: number;
  /** TCP only */
  tcp: { seq: number; ack: number; flags: number; payload: number } | null;
  sctp: SctpInfo | null;
  /** UDP/ICMP payload bytes as captured; all octets above IP of other protocols but TCP and ESP */
  payload: Uint8Array;
  ike: IkeInfo | null;
  esp: EspInfo | null;
  /** the packet inside IPv4 in IP (protocol 4, RFC 2003) */
  ipip?: Packet | null;
}
