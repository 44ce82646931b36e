/** What was inside ESP (RFC 4303 section 2): strips padding and decodes by the next header. */
import type { Packet } from '../../types/packet.ts';
import { decodeIp } from '../ip/index.ts';
import { decodeUpper } from '../ip/upper.ts';
import { newPacket, type Secured } from '../packet.ts';

const IPV4 = 4;
const IPV6 = 41;

/**
 * The packet in `plain[start, end)`; `outer` gives time, direction and, in transport mode, the addresses.
 * null when the trailer does not hold. `guess`: nothing vouched for the key, so the padding must (RFC 4303 2.4: 1, 2, 3...).
 */
export function innerPacket(
  outer: Packet,
  plain: Buffer,
  start: number,
  end: number,
  secured: Secured,
  depth: number,
  guess: boolean,
): Packet | null {
  if (end - start < 2) return null;
  const next = plain[end - 1]!;
  const pad = plain[end - 2]!;
  const last = end - 2 - pad;
  if (last < start) return null;
  if (guess) for (let i = 0; i < pad; i++) if (plain[last + i] !== i + 1) return null;
  const inner = newPacket(outer.t);
  inner.direction = outer.direction;
  if (next === IPV4 || next === IPV6) {
    decodeIp(inner, plain, start, last, secured, depth);
    return inner;
  }
  inner.ipVersion = outer.ipVersion;
  inner.src = outer.src;
  inner.dst = outer.dst;
  inner.protocol = next;
  inner.length = (outer.ipVersion === 6 ? 40 : 20) + last - start;
  decodeUpper(inner, plain, start, last, true, secured, depth);
  return inner;
}
