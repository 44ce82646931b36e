/**
 * The traffic engine compiled: V8 interprets what it has not run a few thousand times, and compiling it during a run would cost
 * the measured machine 150 ms of its one processor.
 */
import type { Traffic } from '../../traffic/flows.ts';

const PACKETS = 3000;
/** Packets per second: more than a node sends, so that sending, receiving and waiting all happen. */
const RATE = 5000;

/** Sends packets to itself over the guest's own loopback. */
export async function warmEngine(traffic: Traffic): Promise<void> {
  const epoch = Math.floor(Date.now() / 1000);
  const here = '/proc/thread-self/ns/net';
  const flow = { index: 0, name: 'warm-up', source: '127.0.0.1', destination: '127.0.0.1', port: 9, phase: 0 };
  await traffic.open([{ ...flow, rate: RATE, size: 200, fromNamespace: here, toNamespace: here }], epoch);
  const start = (Date.now() - epoch * 1000) * 1e6 + 20e6;
  await traffic.run(start, start + (PACKETS / RATE) * 1e9, 1e6);
}
