/** Probe: a rate by tbf with two bands below it, of which the one for the TOS of minimum delay goes first. */
import type { Scratch } from './scratch.ts';

const PACKETS = 10;
const MINIMUM_DELAY = 0x10;

/** What was seen; throws why not. */
export async function tbf(scratch: Scratch): Promise<string> {
  // 106 octets each: 8 ms, and they are all sent before the second can leave
  for (const line of [
    'qdisc add dev eth0 root handle 2: tbf rate 100kbit burst 1514 limit 100000',
    `qdisc add dev eth0 parent 2:1 handle 3: prio bands 2 priomap ${Array(16).fill(1).join(' ')}`,
    'qdisc add dev eth0 parent 3:1 pfifo limit 100',
    'qdisc add dev eth0 parent 3:2 pfifo limit 100',
    'filter add dev eth0 parent 3: protocol ip prio 1 u32 match ip tos 0x10 0xfc flowid 3:1',
  ])
    await scratch.tc('pa', line);
  try {
    const count = 2 * PACKETS + 1 + Math.ceil(1514 / 106);
    const arrived = scratch.exchange(count, (number) => (number === count ? MINIMUM_DELAY : 0));
    if (arrived.length !== count) throw new Error(`${arrived.length} of ${count} packets arrived`);
    const place = arrived.indexOf(count) + 1;
    if (place > count - PACKETS) throw new Error(`the packet with the TOS of minimum delay came as number ${place} of ${count}`);
    const rest = arrived.filter((number) => number !== count);
    if (rest.some((number, i) => number !== i + 1)) throw new Error('the other packets did not keep their order');
    return 'the last packet of a queue overtook the others';
  } finally {
    await scratch.tc('pa', 'qdisc del dev eth0 root');
  }
}
