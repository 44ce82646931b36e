/** Builds link, IP and transport headers from their fields, with right lengths and checksums. */
import { isIPv6 } from 'node:net';

const u16 = (value: number) => Buffer.of((value >> 8) & 255, value & 255);
const u32 = (value: number) => {
  const b = Buffer.alloc(4);
  b.writeUInt32BE(value >>> 0);
  return b;
};

/** Octets of an IPv4 or IPv6 address in text. */
export function address(text: string): Buffer {
  if (!isIPv6(text)) return Buffer.from(text.split('.').map(Number));
  const [left = '', right] = text.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':').map((g) => Number.parseInt(g, 16)) : []);
  const [l, r] = [groups(left), groups(right)];
  return Buffer.concat([...l, ...Array<number>(8 - l.length - r.length).fill(0), ...r].map(u16));
}

/** Internet checksum (RFC 1071). */
export function checksum(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += (data[i]! << 8) | (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface Ip {
  src: string;
  dst: string;
  protocol: number;
  /** IPv4 options, a multiple of 4 octets */
  options?: Uint8Array;
  /** IPv4: offset in octets of this fragment, and whether more follow */
  fragmentOffset?: number;
  moreFragments?: boolean;
}

export function ipv4(ip: Ip, payload: Uint8Array): Buffer {
  const options = ip.options ?? Buffer.alloc(0);
  const header = Buffer.concat([
    Buffer.of(0x45 + options.length / 4, 0),
    u16(20 + options.length + payload.length),
    u16(7),
    u16(((ip.fragmentOffset ?? 0) >> 3) | (ip.moreFragments ? 0x2000 : 0)),
    Buffer.of(64, ip.protocol),
    u16(0),
    address(ip.src),
    address(ip.dst),
    options,
  ]);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

/** `extensions`: [type, body without the next-header octet] in order; `ip.protocol` follows them. */
export function ipv6(ip: Ip, payload: Uint8Array, extensions: [number, Uint8Array][] = []): Buffer {
  const types = [...extensions.map(([type]) => type), ip.protocol];
  const chain = Buffer.concat(extensions.map(([, body], i) => Buffer.concat([Buffer.of(types[i + 1]!), body])));
  return Buffer.concat([
    u32(0x60000000),
    u16(chain.length + payload.length),
    Buffer.of(types[0]!, 64),
    address(ip.src),
    address(ip.dst),
    chain,
    payload,
  ]);
}

export const udp = (srcPort: number, dstPort: number, payload: Uint8Array) =>
  Buffer.concat([u16(srcPort), u16(dstPort), u16(8 + payload.length), u16(0), payload]);

export const tcp = (srcPort: number, dstPort: number, seq: number, ack: number, flags: number, payload: Uint8Array) =>
  Buffer.concat([
    u16(srcPort),
    u16(dstPort),
    u32(seq),
    u32(ack),
    Buffer.of(0x60, flags),
    u16(1000),
    u32(0),
    Buffer.of(2, 4, 5, 180),
    payload,
  ]);

export const DST_MAC = '02:00:00:00:00:02';
export const SRC_MAC = '02:00:00:00:00:01';
const mac = (text: string) => Buffer.from(text.replaceAll(':', ''), 'hex');
export const etherTypeOf = (packet: Uint8Array) => (packet[0]! >> 4 === 6 ? 0x86dd : 0x0800);

/** `tags`: [TPID, VLAN id] from the outside in. */
export function ethernet(packet: Uint8Array, tags: [number, number][] = [], type = etherTypeOf(packet)): Buffer {
  return Buffer.concat([mac(DST_MAC), mac(SRC_MAC), ...tags.flatMap(([tpid, id]) => [u16(tpid), u16(id)]), u16(type), packet]);
}

export const cooked1 = (packet: Uint8Array, packetType: number) =>
  Buffer.concat([u16(packetType), u16(1), u16(6), mac(SRC_MAC), u16(0), u16(etherTypeOf(packet)), packet]);

export const cooked2 = (packet: Uint8Array, packetType: number) =>
  Buffer.concat([u16(etherTypeOf(packet)), u16(0), u32(3), u16(1), Buffer.of(packetType, 6), mac(SRC_MAC), u16(0), packet]);

/** The first octets of a payload as roamlab's generators send them. */
export function flowPayload(flow: number, seq: number, seconds: number, nanos: number, size = 32): Buffer {
  const b = Buffer.alloc(size);
  b.write('RLAB');
  b[4] = 1;
  b.writeUInt32BE(flow, 8);
  b.writeUInt32BE(seq, 12);
  b.writeBigUInt64BE(BigInt(seconds), 16);
  b.writeUInt32BE(nanos, 24);
  return b;
}
