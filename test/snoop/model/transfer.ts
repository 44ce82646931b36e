/** One transfer from a fixed host over a wired and a wireless hop to a mobile, with a SNOOP agent between them or without. */
import { prng } from '../../../src/host/random.ts';
import type { SnoopParameters } from '../../../src/snoop/index.ts';
import { Gateway } from './gateway.ts';
import { Hop, type HopShape } from './hop.ts';
import type { Ack, Segment } from './packets.ts';
import { Receiver } from './receiver.ts';
import { RenoSender } from './sender.ts';
import { World } from './world.ts';

export interface Transfer {
  seed: number;
  isn: number;
  /** octets */
  octets: number;
  wiredDown: HopShape;
  wiredUp: HopShape;
  radioDown: HopShape;
  radioUp: HopShape;
  /** null: no agent */
  snoop: Partial<SnoopParameters> | null;
  /** probability that an ACK has another window than the one before */
  windowMoves?: number;
  /** octets of payload */
  mss: number;
  /** segments of any size up to that, and repeated ones cut anew */
  recut?: boolean;
}

/** ms of virtual time in which every transfer of these tests must have ended */
export const LIMIT = 3_600_000;

/** Runs it; throws when the agent breaks a promise. */
export function run(transfer: Transfer) {
  const { seed, isn, octets, snoop, mss, windowMoves = 0, recut = false } = transfer;
  const random = prng(seed);
  const world = new World();
  const stream = Uint8Array.from({ length: octets }, () => Math.floor(random() * 256));
  const size = recut ? () => 1 + Math.floor(random() * mss) : () => mss;
  let advertised = 60_000;
  const moving = () => {
    if (random() < windowMoves) advertised = 30_000 + Math.floor(random() * 30_000);
    return advertised;
  };
  const sender = new RenoSender(world, stream, { isn, mss, size, window: 44 }, (segment) => wiredDown.send(segment));
  const receiver = new Receiver(isn, moving, (ack) => radioUp.send(ack));
  const radioDown = new Hop<Segment>(world, transfer.radioDown, random, (segment) => receiver.receive(segment));
  const wiredUp = new Hop<Ack>(world, transfer.wiredUp, random, (ack) => sender.receive(ack));
  const gateway =
    snoop === null
      ? null
      : new Gateway(world, snoop, {
          toMobile: (segment, first) => radioDown.send(segment, first),
          toFixed: (ack) => wiredUp.send(ack),
          queueFull: () => radioDown.full,
        });
  const wiredDown = new Hop<Segment>(world, transfer.wiredDown, random, (segment) => {
    if (gateway === null) radioDown.send(segment);
    else gateway.fromFixed(segment);
  });
  const radioUp = new Hop<Ack>(world, transfer.radioUp, random, (ack) => {
    if (gateway === null) wiredUp.send(ack);
    else gateway.fromMobile(ack);
  });
  sender.start();
  world.runUntil(() => sender.done, LIMIT);
  const took = world.now;
  // What is left under way, and the agent's own timers, come to rest.
  world.runUntil(() => false, took + 60_000);
  return { done: sender.done, took, stream, read: receiver.read, sender, receiver, agent: gateway?.agent ?? null };
}
