import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HopShape } from './model/hop.ts';
import { run, type Transfer } from './model/transfer.ts';

const probability = (max: number) => fc.double({ min: 0, max, noNaN: true });
const hop = (delay: number, loss: number): fc.Arbitrary<HopShape> =>
  fc.record({ delay: fc.integer({ min: 0, max: delay }), jitter: fc.constantFrom(0, 1, 30, 200), loss: probability(loss) });
const radio = fc
  .tuple(hop(20, 0.2), fc.constantFrom(5, 18, 100), fc.constantFrom(3, 20, 60))
  .map(([shape, rate, queue]): HopShape => ({ ...shape, rate, queue }));
const transfer: fc.Arbitrary<Transfer> = fc.record({
  seed: fc.nat(2 ** 32 - 1),
  // most wrap on their way, or pass the sign bit
  isn: fc.oneof(fc.integer({ min: 2 ** 32 - 6000, max: 2 ** 32 - 1 }), fc.integer({ min: 2 ** 31 - 6000, max: 2 ** 31 }), fc.nat()),
  octets: fc.integer({ min: 0, max: 6000 }),
  mss: fc.constant(100),
  wiredDown: hop(100, 0.1),
  wiredUp: hop(100, 0.2),
  radioDown: radio,
  radioUp: hop(20, 0.2),
  snoop: fc.record({
    maxWindow: fc.constantFrom(1, 2, 7, 50),
    maxRxmit: fc.constantFrom(0, 1, 4, 50),
    dupThresh: fc.constantFrom(0, 1, 2, 9),
    minRto: fc.constantFrom(10, 100, 500),
    persistTimeout: fc.constantFrom(500, 1000),
    garbageTimeout: fc.constantFrom(300, 10_000),
  }),
  windowMoves: fc.constantFrom(0, 0, 0.1, 1),
  recut: fc.boolean(),
});

describe('between a Reno sender and a mobile', () => {
  it('every octet arrives once and in order, in bounded time, and the agent keeps its promises', () => {
    fc.assert(
      fc.property(transfer, (one) => {
        const { done, stream, read, agent } = run(one);
        expect(done).toBe(true);
        expect(Buffer.from(read).equals(stream)).toBe(true);
        expect(agent!.connections).toBe(0);
        expect(agent!.cachedPackets).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  /** The paper's: 1.45 Mb/s of radio, 100 ms of wired way each way. */
  const paper = (seed: number, loss: number, snoop: Transfer['snoop']): Transfer => ({
    seed,
    isn: 2 ** 32 - 250_000,
    octets: 500_000,
    mss: 1000,
    wiredDown: { delay: 100 },
    wiredUp: { delay: 100 },
    radioDown: { delay: 2, rate: 181, queue: 60, loss },
    radioUp: { delay: 2, loss: loss / 20 },
    snoop,
  });
  const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);

  it('at 2 % loss on the radio it is faster than the sender alone, for it hides most of the losses', () => {
    const all = (snoop: Transfer['snoop']) => [1, 2, 3, 4, 5].map((seed) => run(paper(seed, 0.02, snoop)));
    const acts = (runs: ReturnType<typeof all>) => sum(runs.map(({ sender }) => sender.timeouts + sender.fastRetransmits));
    const alone = all(null);
    const helped = all({});
    expect(sum(alone.map(({ took }) => took)) / sum(helped.map(({ took }) => took))).toBeGreaterThan(1);
    expect(acts(helped)).toBeLessThan(acts(alone) / 4);
  });

  it('without loss it changes nothing', () => {
    const { agent, sender, took } = run(paper(1, 0, {}));
    expect(took).toBe(run(paper(1, 0, null)).took);
    expect(sender.timeouts + sender.fastRetransmits).toBe(0);
    expect(agent!.statistics).toMatchObject({ retransmittedOnDuplicates: 0, retransmittedOnPersist: 0, duplicatesSuppressed: 0 });
  });
});
