/**
 * The layer above IP: UDP, TCP, SCTP, ESP, IPv4 in IP; UDP ports 500 and 4500 carry IKE, NAT keepalives and ESP (RFC 7296 section
 * 2.23, RFC 3948). Every other protocol keeps its number and its octets.
 */
import type { Packet } from '../../types/packet.ts';
import { type Secured, view } from '../packet.ts';
import { decodeSctp } from '../sctp/index.ts';

const IPIP = 4;
const TCP = 6;
const UDP = 17;
const ESP = 50;
const SCTP = 132;
const IKE_PORT = 500;
const NAT_T_PORT = 4500;

/** `whole`: `end` is where IP says the packet ends; false when the capture ends before it, or IP does not say. */
export function decodeUpper(packet: Packet, b: Buffer, start: number, end: number, whole: boolean, secured: Secured, depth: number): void {
  switch (packet.protocol) {
    case UDP:
      udp(packet, b, start, end, secured, depth);
      break;
    case TCP:
      tcp(packet, b, start, end);
      break;
    case ESP:
      secured.esp(packet, b, start, end, false, depth);
      break;
    case IPIP:
      packet.payload = view(b, start, end);
      secured.ipip(packet, b, start, end, depth);
      break;
    case SCTP:
      decodeSctp(packet, b, start, end, whole && !packet.fragment);
      break;
    default:
      packet.payload = view(b, start, end);
  }
}

function udp(packet: Packet, b: Buffer, start: number, end: number, secured: Secured, depth: number): void {
  if (end - start < 8) return;
  const source = (b[start]! << 8) | b[start + 1]!;
  const destination = (b[start + 2]! << 8) | b[start + 3]!;
  const length = (b[start + 4]! << 8) | b[start + 5]!;
  const last = length >= 8 && start + length < end ? start + length : end;
  const data = start + 8;
  packet.srcPort = source;
  packet.dstPort = destination;
  packet.payload = view(b, data, last);
  if (source === NAT_T_PORT || destination === NAT_T_PORT) {
    // a single 0xff keeps the NAT's mapping alive and is neither
    if (last - data < 4) return;
    const marker = b[data]! | b[data + 1]! | b[data + 2]! | b[data + 3]!;
    if (marker === 0) secured.ike(packet, b, data + 4, last);
    else secured.esp(packet, b, data, last, true, depth);
  } else if (source === IKE_PORT || destination === IKE_PORT) {
    secured.ike(packet, b, data, last);
  }
}

function tcp(packet: Packet, b: Buffer, start: number, end: number): void {
  if (end - start < 20) return;
  packet.srcPort = (b[start]! << 8) | b[start + 1]!;
  packet.dstPort = (b[start + 2]! << 8) | b[start + 3]!;
  const header = (b[start + 12]! >> 4) * 4;
  packet.tcp = {
    seq: b.readUInt32BE(start + 4),
    ack: b.readUInt32BE(start + 8),
    flags: b[start + 13]!,
    payload: header >= 20 && start + header <= end ? end - start - header : 0,
  };
}
