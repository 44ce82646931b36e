/** Messages over real SCTP associations and MPTCP connections, whose kernel is the guest's. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runGuest } from '../../src/vm/guest-run.ts';
import { ensureImage } from '../../src/vm/image.ts';

interface Report {
  name: string;
  sent: number;
  refused: Record<string, number>;
  received: number;
  inOrder: boolean;
  slowest: number;
  changed: ({ late: number; errno: number; over: boolean } | null)[];
  seen: unknown[];
  took: { open: number; cpu: number };
}

const reports = new Map<string, Report>();

function report(name: string): Report {
  const found = reports.get(name);
  if (found === undefined) throw new Error(`the guest said nothing of ${name}`);
  return found;
}

beforeAll(async () => {
  await runGuest(
    { runs: [] },
    {
      image: await ensureImage(() => {}),
      accelerator: 'tcg',
      signal: new AbortController().signal,
      main: join(import.meta.dirname, 'guest/streams.ts'),
      onMessage: (message) => {
        if (message.type === 'said') reports.set((message.value as Report).name, message.value as Report);
      },
    },
  );
});

const MN = ['10.1.0.1', '10.2.0.1'];
const complete = (sent: number) => ({ sent, received: sent, inOrder: true, refused: {} });

describe('SCTP', () => {
  test('all addresses of both ends are of the association, the first ones primary, and every message arrives in its turn', () => {
    expect(report('sctp')).toMatchObject({
      ...complete(120),
      seen: [
        { own: MN, peer: ['*10.1.0.2', '10.2.0.2'] },
        { own: ['10.1.0.2', '10.2.0.2'], peer: ['*10.1.0.1', '10.2.0.1'] },
      ],
    });
  });
  test('the receiver may open it', () => {
    expect(report('sctp, opened by the receiver')).toMatchObject(complete(80));
  });
  test('as fast as it goes', () => {
    const bulk = report('sctp, bulk');
    expect(bulk.sent).toBeGreaterThan(500);
    expect(bulk).toMatchObject(complete(bulk.sent));
  });
  test('messages of many chunks', () => {
    expect(report('sctp, large messages')).toMatchObject(complete(20));
  });
  test('when a path fails nothing is lost, and what was sent into it comes over the other', () => {
    const failed = report('sctp, a path fails');
    expect(failed).toMatchObject(complete(400));
    expect(failed.slowest).toBeGreaterThan(0.09);
  });
  test('addresses come, are preferred and go when it is their instant', () => {
    const asconf = report('sctp, asconf');
    expect(asconf).toMatchObject(complete(700));
    expect(asconf.changed.map((change) => change?.errno)).toEqual([0, 0, 0, 99, undefined]);
    expect(asconf.seen).toMatchObject([
      { peer: ['*10.1.0.1'] },
      { peer: ['*10.1.0.1', MN[1]] },
      { peer: ['*10.2.0.1', MN[0]] },
      { peer: ['*10.2.0.1'] },
    ]);
  });
  test('an end bound to no address announces what comes to its node', () => {
    const announced = report('sctp, addresses the kernel announces');
    expect(announced).toMatchObject(complete(600));
    expect([announced.seen[0], announced.seen[2]]).toMatchObject([
      { peer: ['*10.1.0.1', '10.2.0.1'] },
      { peer: ['*10.1.0.1', '10.2.0.1', '10.2.0.9'] },
    ]);
  });
  test('an association that ends is a result', () => {
    const ended = report('sctp, all paths fail');
    expect(ended.refused).toEqual({ 110: 1 });
    expect(ended.inOrder).toBe(true);
    expect(ended.received).toBeLessThan(ended.sent);
    expect(ended.sent).toBeLessThan(400);
    expect(ended.changed).toMatchObject([{ over: true }]);
  });
});

describe('MPTCP', () => {
  test('the second address joins, and every message arrives in its turn', () => {
    expect(report('mptcp')).toMatchObject({ ...complete(120), seen: [1] });
  });
  test('as fast as it goes', () => {
    const bulk = report('mptcp, bulk');
    expect(bulk.sent).toBeGreaterThan(500);
    expect(bulk).toMatchObject(complete(bulk.sent));
  });
  test('when a path fails nothing is lost', () => {
    expect(report('mptcp, a path fails')).toMatchObject(complete(600));
  });
});
