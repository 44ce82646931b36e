/** One packet in one line, for a reader who looks for what is different about it. */
import { exchangeName, isPathCheck, notifyText, parsePayload } from '../pcap/index.ts';
import type { Frame, IkeInfo, Packet } from '../types/packet.ts';
import type { Nanoseconds } from '../types/run.ts';

/** What a description needs to know of the run. */
export interface Naming {
  /** Unix second the packet's time counts from */
  epoch: number;
  /** ns since `epoch`; sending times are told from here */
  zero: Nanoseconds;
  /** names of the flows by index */
  flows: readonly string[];
}

const ETHERNET = 1;
const ARP = 0x0806;
/** a message may list thousands */
const MOST_NOTIFIES = 12;

/** `10.1.0.2:4500 > 10.3.0.2:4500 ESP 0xc0de 12 [10.10.0.1:7000 > … flow up, 37, sent +1.5 ms]`. */
export function describePacket(frame: Frame, packet: Packet, naming: Naming): string {
  if (packet.ipVersion === 0) return withoutIp(frame);
  return ofIp(packet, naming);
}

function ofIp(packet: Packet, naming: Naming): string {
  const { src, dst, srcPort, dstPort, ipVersion } = packet;
  const end = (address: string, port: number): string =>
    srcPort === 0 && dstPort === 0 ? address : ipVersion === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  return `${end(src, srcPort)} > ${end(dst, dstPort)} ${content(packet, naming)}${packet.fragment ? ', fragment' : ''}`;
}

function content(packet: Packet, naming: Naming): string {
  const { ike, esp, tcp, protocol, payload } = packet;
  if (ike !== null) return message(ike);
  if (esp !== null) {
    const head = `ESP 0x${esp.spi.toString(16)} ${esp.seq}`;
    return esp.inner === null ? `${head}, not decrypted` : `${head} [${ofIp(esp.inner, naming)}]`;
  }
  if (tcp !== null) return `TCP ${flagNames(tcp.flags)} seq ${tcp.seq} ack ${tcp.ack}, ${tcp.payload} octets`;
  if (protocol === 1 || protocol === 58) return icmp(protocol, payload);
  if (protocol !== 17) return `protocol ${protocol}, ${payload.length} octets`;
  const ours = parsePayload(payload, naming.epoch);
  if (ours === null) return `UDP ${payload.length} octets`;
  const sent = (ours.sent - naming.zero) / 1e6;
  return `flow ${naming.flows[ours.flow] ?? ours.flow}, ${ours.seq}, sent ${sent < 0 ? '−' : '+'}${Math.abs(sent).toFixed(6)} ms`;
}

function message(ike: IkeInfo): string {
  const { exchange, response, messageId, decrypted, notifies } = ike;
  const names = notifies.slice(0, MOST_NOTIFIES).map(notifyText);
  if (notifies.length > MOST_NOTIFIES) names.push(`${notifies.length - MOST_NOTIFIES} more`);
  const inside = decrypted ? (names.length > 0 ? ` [${names.join(', ')}]` : '') : ', not decrypted';
  const what = isPathCheck(ike) ? `${exchangeName(exchange)} path check` : exchangeName(exchange);
  return `${what} ${response ? 'response' : 'request'} ${messageId}${inside}`;
}

function flagNames(flags: number): string {
  const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'].filter((_, bit) => (flags >> bit) & 1);
  return names.length === 0 ? 'no flags' : names.join(' ');
}

const ICMP = new Map([
  [0, 'echo reply'],
  [3, 'destination unreachable'],
  [5, 'redirect'],
  [8, 'echo request'],
  [11, 'time exceeded'],
]);
const ICMP6 = new Map([
  [1, 'destination unreachable'],
  [2, 'packet too big'],
  [3, 'time exceeded'],
  [128, 'echo request'],
  [129, 'echo reply'],
  [133, 'router solicitation'],
  [134, 'router advertisement'],
  [135, 'neighbour solicitation'],
  [136, 'neighbour advertisement'],
  [143, 'multicast listener report'],
]);

function icmp(protocol: number, payload: Uint8Array): string {
  const [type, code] = payload;
  const name = protocol === 1 ? 'ICMP' : 'ICMPv6';
  if (type === undefined || code === undefined) return `${name}, ${payload.length} octets`;
  return `${name} ${(protocol === 1 ? ICMP : ICMP6).get(type) ?? `type ${type}`}, code ${code}, ${payload.length} octets`;
}

/** ARP over Ethernet (RFC 826) in words; of all else, what it says it is. */
function withoutIp({ linkType, data }: Frame): string {
  if (linkType !== ETHERNET || data.length < 14) return `link type ${linkType}, ${data.length} octets`;
  const b = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const type = b.readUInt16BE(12);
  if (type !== ARP || b.length < 42) return `EtherType 0x${type.toString(16).padStart(4, '0')}, ${b.length} octets`;
  const address = (at: number): string => b.subarray(at, at + 4).join('.');
  const mac = b.toString('hex', 22, 28).replace(/..(?=.)/g, '$&:');
  return b.readUInt16BE(20) === 1 ? `ARP who has ${address(38)}, tell ${address(28)}` : `ARP ${address(28)} is at ${mac}`;
}
