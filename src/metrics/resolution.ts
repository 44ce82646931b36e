/**
 * Did a packet wait for address resolution? What a host has to send is queued while it asks for the next hop's link-layer address, and
 * leaves as soon as the answer is there (RFC 826; RFC 4861 section 7.2.2).
 *
 * A decoded packet of ARP tells only that it is not IP: a broadcast one that leaves asks, one that comes to this interface alone answers.
 */
import type { Packet } from '../types/packet.ts';
import { firstIndex } from './bisect.ts';
import type { CaptureInput, MetricInput } from './input.ts';
import type { Sighting } from './sighting.ts';
import { AT_ONCE } from './timers.ts';
import { wayOf } from './way.ts';

/** ns; a kernel gives up after three seconds */
const LONGEST = 10e9;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** Seconds from the first question to the answer that `seen` left right after, at its interface; null when it waited for none. */
export function resolutionBefore(input: MetricInput, { node, interface: name, t }: Sighting): number | null {
  const capture = input.captures.find((one) => one.node === node && one.interface === name);
  if (capture === undefined) return null;
  let answered: number | null = null;
  let asked: number | null = null;
  for (let i = firstIndex(capture.packets, (packet) => packet.t > t) - 1; i >= 0 && capture.packets[i]!.t >= t - LONGEST; i -= 1) {
    const packet = capture.packets[i]!;
    const answer = isAnswer(packet, capture);
    if (answered === null) {
      if (packet.t < t - AT_ONCE) return null;
      if (answer) answered = packet.t;
    } else if (answer) break;
    else if (isQuestion(packet, capture)) asked = packet.t;
  }
  return answered === null || asked === null ? null : (answered - asked) / 1e9;
}

function isQuestion(packet: Packet, capture: CaptureInput): boolean {
  if (wayOf(packet, capture) !== 'out') return false;
  return (packet.ipVersion === 0 && packet.dstMac === BROADCAST) || isNeighbour(packet, 135);
}

function isAnswer(packet: Packet, capture: CaptureInput): boolean {
  if (wayOf(packet, capture) !== 'in') return false;
  return (packet.ipVersion === 0 && packet.dstMac !== BROADCAST) || isNeighbour(packet, 136);
}

/** ICMPv6 neighbour solicitation or advertisement (RFC 4861 section 4). */
function isNeighbour({ protocol, payload }: Packet, type: number): boolean {
  return protocol === 58 && payload[0] === type;
}
