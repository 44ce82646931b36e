import { describe, expect, it } from 'vitest';
import { Script } from './script.ts';

describe('ACKs from the mobile', () => {
  it('of connections nobody knows pass', () => {
    expect(new Script().ack(3)).toEqual(['forward']);
  });

  it('that are new free what they cover, across the wrap, and restart the timer', () => {
    const s = new Script();
    for (let index = 0; index < 6; index += 1) s.data(index);
    s.now = 60;
    expect(s.ack(5)).toEqual(['drop 1', 'drop 2', 'drop 3', 'drop 4', 'drop 5', 'forward']);
    // timer 100 was asked for and finds nothing due
    expect(s.timer(100)).toEqual(['timer 240']); // 60 + 60 + 4 * 30
    expect(s.timer(240)).toEqual(['retransmit 6 timer', 'timer 600']);
  });

  it('in the middle of a packet leave it in the cache', () => {
    const s = new Script();
    s.data(0);
    expect(s.ack(0, { offset: 50 })).toEqual(['forward']);
    expect(s.agent.cachedPackets).toBe(1);
  });

  it('of packets that passed uncached are new ones all the same', () => {
    const s = new Script({ maxWindow: 1 });
    s.data(0);
    s.data(1);
    expect(s.ack(2)).toEqual(['drop 1', 'forward']);
    expect(s.agent.statistics).toMatchObject({ newAcks: 1, unseenAcks: 0 });
  });

  it('of what never passed here make the agent forget the connection', () => {
    const s = new Script();
    s.data(0);
    expect(s.ack(2)).toEqual(['forward', 'drop 1']);
    expect(s.agent.connections).toBe(0);
    expect(s.agent.statistics).toMatchObject({ unseenAcks: 1, ended: 0 });
  });

  it('that are older pass, and change nothing', () => {
    const s = new Script();
    s.window(1, 3);
    expect(s.ack(0, { window: 5 })).toEqual(['forward']);
    expect(s.agent.statistics.staleAcks).toBe(1);
    expect(s.ack(1)).toEqual(['forward']);
    expect(s.ack(1)).toEqual(['retransmit 1 duplicate', 'suppress']);
  });

  it.each([
    ['another window', (turn: number) => ({ window: turn + 1 })],
    ['a closed window', () => ({ window: 0 })],
    ['payload', () => ({ length: 1 })],
    ['a FIN', () => ({ flags: { fin: true } })],
  ])('%s is no duplicate', (_, more) => {
    const s = new Script();
    s.window(0, 5);
    for (let turn = 0; turn < 4; turn += 1) expect(s.ack(0, more(turn))).toEqual(['forward']);
    expect(s.agent.statistics).toMatchObject({ updates: 4, duplicatesForwarded: 0, duplicatesSuppressed: 0 });
  });

  it('the first ACK there is cannot be a duplicate', () => {
    const s = new Script({ dupThresh: 0 });
    s.data(0);
    expect(s.ack(0)).toEqual(['forward']);
    expect(s.ack(0)).toEqual(['retransmit 1 duplicate', 'suppress']);
  });
});

describe('duplicates', () => {
  it.each([0, 1, 2])('the agent lets %i through, then sends again and suppresses', (dupThresh) => {
    const s = new Script({ dupThresh });
    s.window(0, 9);
    for (let turn = 0; turn < dupThresh; turn += 1) expect(s.ack(0)).toEqual(['forward']);
    expect(s.ack(0)).toEqual(['retransmit 1 duplicate', 'suppress']);
    for (let turn = dupThresh + 1; turn < 8; turn += 1) expect(s.ack(0)).toEqual(['suppress']);
    // more than packets were behind it: the timer sees to it
    expect(s.ack(0)).toEqual(['suppress']);
    expect(s.agent.statistics).toMatchObject({ duplicatesForwarded: dupThresh, duplicatesSuppressed: 9 - dupThresh });
  });

  it('a sender that acts on three never sees them', () => {
    const s = new Script();
    s.window(0, 40);
    const passed = Array.from({ length: 39 }, () => s.ack(0)).filter((actions) => actions.includes('forward'));
    expect(passed).toHaveLength(1);
  });

  it('the next loss of the same window counts from the start', () => {
    const s = new Script();
    s.window(0, 5);
    s.ack(0);
    s.ack(0);
    s.ack(2);
    expect(s.ack(2)).toEqual(['forward']);
    expect(s.ack(2)).toEqual(['retransmit 3 duplicate', 'suppress']);
  });

  it('after maxRxmit copies the sender gets what comes beyond the expected ones', () => {
    const s = new Script({ maxRxmit: 2 });
    s.window(0, 3);
    s.ack(0);
    expect(s.ack(0)).toEqual(['retransmit 1 duplicate', 'suppress']);
    expect(s.timer(100)).toContain('retransmit 1 timer');
    expect(s.timer(300)).toEqual(['timer 1000']);
    // two packets are behind it and two duplicates came: none is expected any more
    expect([s.ack(0), s.ack(0)]).toEqual([['forward'], ['forward']]);
  });

  it('expected ones are swallowed even when no copy is left to send', () => {
    const s = new Script({ maxRxmit: 1 });
    s.window(0, 6);
    s.ack(0);
    expect(s.ack(0)).toEqual(['retransmit 1 duplicate', 'suppress']);
    // five packets are behind it, and two duplicates came
    expect([s.ack(0), s.ack(0), s.ack(0)]).toEqual([['suppress'], ['suppress'], ['suppress']]);
    expect(s.ack(0)).toEqual(['forward']);
    expect(s.agent.statistics).toMatchObject({ acks: 7, duplicatesForwarded: 2, duplicatesSuppressed: 4 });
  });

  it('expected ones are an upper bound: those that never come do not hurt the next hole', () => {
    const s = new Script();
    s.window(0, 9);
    s.ack(0);
    s.ack(0);
    s.ack(1); // six were expected still
    expect([s.ack(1), s.ack(1)]).toEqual([['forward'], ['retransmit 2 duplicate', 'suppress']]);
  });

  it('with maxRxmit 0 all pass', () => {
    const s = new Script({ maxRxmit: 0 });
    s.window(0, 5);
    for (let turn = 0; turn < 4; turn += 1) expect(s.ack(0)).toEqual(['forward']);
    expect(s.timer(100)).toEqual(['timer 1000']);
  });

  it('of a hole of one octet that is not cached pass', () => {
    const s = new Script();
    s.data(0);
    for (const offset of [101, 201, 301]) s.data(0, { offset });
    s.ack(1);
    expect([s.ack(1), s.ack(1), s.ack(1)]).toEqual([['forward'], ['forward'], ['forward']]);
  });

  it('of an empty cache pass', () => {
    const s = new Script();
    s.window(0, 1);
    s.ack(1);
    expect(s.ack(1)).toEqual(['forward']);
  });

  it('with SACK blocks are counted and treated alike', () => {
    const s = new Script();
    s.window(0, 5);
    s.ack(0, { sack: true });
    expect(s.ack(0, { sack: true })).toEqual(['retransmit 1 duplicate', 'suppress']);
    expect(s.agent.statistics.duplicatesWithSack).toBe(2);
  });

  it('an ACK of the sender without data asks for nothing', () => {
    const s = new Script({ dupThresh: 0 });
    s.window(1, 5);
    s.data(1, { length: 0 });
    expect(s.ack(1)).toEqual(['retransmit 1 duplicate', 'suppress']);
  });

  it('what the sender asked for is answered by a new ACK as well', () => {
    const s = new Script({ dupThresh: 0 });
    s.window(1, 5);
    s.data(0);
    s.ack(2);
    expect(s.ack(2)).toEqual(['retransmit 2 duplicate', 'suppress']);
  });

  it.each([
    ['data', { length: 100, offset: 0 }],
    ['a keep-alive', { length: 0, offset: 99 }],
  ])('the answer to %s the mobile had acknowledged reaches the sender: its ACK was lost on the wired way', (_, more) => {
    const s = new Script({ dupThresh: 0 });
    s.window(1, 5);
    expect(s.ack(1)).toEqual(['retransmit 1 duplicate', 'suppress']);
    expect(s.data(0, more)).toEqual(['forward']);
    expect(s.ack(1)).toEqual(['forward']);
    expect(s.ack(1)).toEqual(['suppress']);
  });
});
