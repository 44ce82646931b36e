/**
 * How one direction of a link is shaped, as tc's arguments. netem does all of it, unless packets may overtake others where the rate makes
 * them wait: then netem delays and loses, and hands what is due to tbf, which holds it in a queue of two bands.
 *
 *     netem (delay, jitter, loss) ── tbf (rate) ── prio ┬─ 1: TOS of minimum delay
 *                                                       └─ 2: everything else
 *
 * tbf lets a packet go that finds the line idle, where netem's rate holds it for as long as it takes to send.
 */
import type { Shape } from '../types/experiment.ts';

/** What a link's delay holds is no queue: packets, more than any rate puts there. Older kernels count those below netem, too. */
const IN_FLIGHT = 100_000;
/** Octets of the bucket, the header of Ethernet included: one packet of 1500 octets. tbf takes no packet that is larger. */
const BURST = 1514;

/** RFC 1349: minimum delay, in the six bits that are not ECN's. */
export const MINIMUM_DELAY = { tos: 0x10, mask: 0xfc } as const;

export const HANDLES = { netem: '1', tbf: '2', prio: '3' } as const;
export const BANDS = 2;
const PRIORITIES = 16;

const microseconds = (seconds: number): string => `${Math.round(seconds * 1e6)}us`;

/** netem's part of a shape. */
export const netemPart = (shape: Shape): Shape => (shape.priority === true ? { ...shape, rate: 0, limit: IN_FLIGHT } : shape);

/** netem's arguments for one direction. */
export function netemWords(wanted: Shape): string {
  const shape = netemPart(wanted);
  const words = [`limit ${shape.limit}`];
  if (shape.delay > 0 || shape.jitter > 0)
    words.push(`delay ${microseconds(shape.delay)}${shape.jitter > 0 ? ` ${microseconds(shape.jitter)}` : ''}`);
  if (shape.loss > 0) words.push(`loss ${Number((shape.loss * 100).toFixed(6))}%`);
  if (shape.rate > 0) words.push(`rate ${Math.round(shape.rate)}bit`);
  return words.join(' ');
}

/** Octets of tbf's bucket on a link of this MTU. */
export const burst = (mtu: number): number => Math.max(BURST, mtu + BURST - 1500);

/** tc's lines for the direction that leaves by `dev`, whose packets have at most `mtu` octets. */
export function shapeLines(dev: string, shape: Shape, mtu: number): string[] {
  if (shape.priority !== true) return [`qdisc add dev ${dev} root netem ${netemWords(shape)}`];
  const { netem, tbf, prio } = HANDLES;
  const { tos, mask } = MINIMUM_DELAY;
  const size = burst(mtu);
  const band = (number: number) => `qdisc add dev ${dev} parent ${prio}:${number} pfifo limit ${shape.limit}`;
  const map = Array(PRIORITIES)
    .fill(BANDS - 1)
    .join(' ');
  return [
    `qdisc add dev ${dev} root handle ${netem}: netem ${netemWords(shape)}`,
    // tbf's own limit is for the queue it would make; the bands have theirs
    `qdisc add dev ${dev} parent ${netem}:1 handle ${tbf}: tbf rate ${Math.round(shape.rate)}bit burst ${size} limit ${shape.limit * size}`,
    `qdisc add dev ${dev} parent ${tbf}:1 handle ${prio}: prio bands ${BANDS} priomap ${map}`,
    ...[1, 2].map(band),
    `filter add dev ${dev} parent ${prio}: protocol ip prio 1 u32 match ip tos 0x${tos.toString(16)} 0x${mask.toString(16)} flowid ${prio}:1`,
  ];
}
