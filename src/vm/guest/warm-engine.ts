/**
 * The traffic engine compiled: V8 interprets what it has not run a few thousand times, and compiling it during a run would cost
 * the measured machine 150 ms of its one processor.
 */
import { loadMptcp, loadSctp } from '../../host/sctp.ts';
import type { Traffic } from '../../traffic/flows.ts';
import type { Endpoint } from '../../traffic/protocol.ts';

const PACKETS = 3000;
const MESSAGES = 2000;
/** Packets per second: more than a node sends, so that sending, receiving and waiting all happen. */
const RATE = 5000;

/** Seconds of messages as fast as they go: some thousand. */
const BULK = 0.1;

const HERE = '/proc/thread-self/ns/net';
const US = '127.0.0.1';
const common = { port: 9, phase: 0, size: 200, fromNamespace: HERE, toNamespace: HERE };

async function exchange(traffic: Traffic, seconds: number, flow: Endpoint): Promise<void> {
  const epoch = Math.floor(Date.now() / 1000);
  await traffic.open([flow], epoch);
  const start = (Date.now() - epoch * 1000) * 1e6 + 20e6;
  await traffic.run(start, start + seconds * 1e9, 1e6);
}

/** The same over SCTP and MPTCP, where the kernel has them, with a schedule and without. */
async function warmStreams(traffic: Traffic, protocol: 'sctp' | 'mptcp', load: () => void): Promise<void> {
  try {
    load();
  } catch {
    return; // nothing of this run uses it, or it says so itself
  }
  const flow = { ...common, index: 0, name: 'warm-up', protocol, sources: [US], destinations: [US], client: 'sender' as const };
  await exchange(traffic, MESSAGES / RATE, { ...flow, rate: RATE });
  await exchange(traffic, BULK, { ...flow, rate: 0 });
}

/** Sends packets and messages to itself over the guest's own loopback. */
export async function warmEngine(traffic: Traffic): Promise<void> {
  await exchange(traffic, PACKETS / RATE, { ...common, index: 0, name: 'warm-up', source: US, destination: US, rate: RATE });
  await warmStreams(traffic, 'sctp', loadSctp);
  await warmStreams(traffic, 'mptcp', loadMptcp);
}
