/** IPv6 (RFC 8200) with its chain of extension headers; `protocol` becomes what the chain ends in. */
import type { Packet } from '../../types/packet.ts';
import type { Secured } from '../packet.ts';
import { ipv6Text } from './addresses.ts';
import { decodeUpper } from './upper.ts';

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
const HIP = 139;
const SHIM6 = 140;

export function decodeIpv6(packet: Packet, b: Buffer, start: number, end: number, secured: Secured, depth: number): void {
  if (end - start < 40) return;
  // 0: a jumbogram, or offload left the length to the card
  const payload = (b[start + 4]! << 8) | b[start + 5]!;
  const whole = payload > 0 && start + 40 + payload <= end;
  const last = whole ? start + 40 + payload : end;
  packet.ipVersion = 6;
  packet.length = payload > 0 ? 40 + payload : end - start;
  packet.src = ipv6Text(b, start + 8);
  packet.dst = ipv6Text(b, start + 24);
  let next = b[start + 6]!;
  let at = start + 40;
  for (;;) {
    packet.protocol = next;
    const octets = extensionLength(next, b, at, last);
    if (octets === 0) break;
    // cut inside the header: what follows is unknown
    if (octets < 0 || at + octets > last) return;
    if (next === FRAGMENT) {
      const offset = ((b[at + 2]! << 8) | b[at + 3]!) & 0xfff9;
      if (offset !== 0) packet.fragment = true;
      if (offset >> 3 !== 0) {
        packet.protocol = b[at]!;
        return;
      }
    }
    next = b[at]!;
    at += octets;
  }
  decodeUpper(packet, b, at, last, whole, secured, depth);
}

/** Octets of the extension header at `at`; 0 when `type` is not one, -1 when its length field is cut off. */
function extensionLength(type: number, b: Buffer, at: number, end: number): number {
  switch (type) {
    case HOP_BY_HOP:
    case ROUTING:
    case DESTINATION:
    case HIP:
    case SHIM6:
      return at + 2 <= end ? (b[at + 1]! + 1) * 8 : -1;
    case FRAGMENT:
      return 8;
    case AUTHENTICATION:
      return at + 2 <= end ? (b[at + 1]! + 2) * 4 : -1;
    default:
      return 0;
  }
}
