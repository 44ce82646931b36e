/**
 * What a thread is warmed up with: keys nobody else has a use for, and packets as TCP sends them. Warmed up means that what the data path
 * runs has been compiled: in a guest whose clock counts instructions an interpreter would be a slow machine.
 */

import { internetChecksum } from '../../mlipsec/checksum.ts';
import { keyLength, suiteNamed, writeOuter } from '../../mlipsec/index.ts';
import { putU16, putU32 } from '../../mlipsec/octets.ts';
import type { CsaKeys } from '../../types/keys.ts';

export const [FIXED, MOBILE] = ['192.0.2.1', '192.0.2.2']; // RFC 5737
const PORTS = [5001, 40_000] as const;
export const BACK = [40_000, 5001] as const;
const HEADERS = 40;
const ACK = 0x10;

/** The kinds of cipher, and both numbers of zones. */
export const SUITES: readonly { suite: string; boundaries: number[]; bind: CsaKeys['bind'] }[] = [
  { suite: 'aes128-gcm16', boundaries: [40], bind: 'hdr' },
  { suite: '3des-cbc/none', boundaries: [40], bind: 'none' },
  { suite: 'aes128-cbc/sha1-96', boundaries: [], bind: 'none' },
];

export function warmKeys({ suite, boundaries, bind }: (typeof SUITES)[number]): CsaKeys {
  const size = keyLength(suiteNamed(suite, { fidelity: true }));
  const material = (zone: number) => Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + zone) & 0xff)).toString('hex');
  const sas = [0, ...boundaries].map((_, zone) => ({ spi: 0xffff_0000 + zone, suite, material: material(zone) }));
  return { src: FIXED, dst: MOBILE, layout: 'P', bind, boundaries, sas };
}

export interface Segment {
  source: number;
  destination: number;
  /** source and destination; default as the fixed host sends */
  ports?: readonly [number, number];
  seq: number;
  ack: number;
  /** octets of payload */
  length: number;
}

/** An IPv4 packet with a TCP segment; its checksum is of no interest to anyone. */
export function tcpPacket({ source, destination, ports = PORTS, seq, ack, length }: Segment): Uint8Array {
  const packet = new Uint8Array(HEADERS + length);
  writeOuter(packet, { source, destination, payload: packet.length - 20 });
  packet[9] = 6;
  putU16(packet, 10, 0);
  putU16(packet, 10, internetChecksum(packet, 0, 20));
  putU16(packet, 20, ports[0]);
  putU16(packet, 22, ports[1]);
  putU32(packet, 24, seq);
  putU32(packet, 28, ack);
  packet[32] = 5 << 4;
  packet[33] = ACK;
  putU16(packet, 34, 0xffff);
  return packet;
}
