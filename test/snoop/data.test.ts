import { describe, expect, it } from 'vitest';
import { FLOW, Script } from './script.ts';

describe('packets from the fixed host', () => {
  it('are cached and forwarded, and the first starts the timer', () => {
    const s = new Script();
    expect(s.data(0)).toEqual(['cache 1', 'forward', 'timer 100']);
    expect(s.data(1)).toEqual(['cache 2', 'forward']);
    expect(s.agent.statistics).toMatchObject({ opened: 1, data: 2, cached: 2 });
  });

  it('without payload open no connection and are not cached', () => {
    const s = new Script();
    expect(s.data(0, { length: 0 })).toEqual(['forward']);
    expect(s.agent.connections).toBe(0);
    s.data(0);
    expect(s.data(1, { length: 0 })).toEqual(['forward']);
    expect(s.agent.cachedPackets).toBe(1);
  });

  it('of a single octet open a connection', () => {
    expect(new Script().data(0, { length: 1 })).toEqual(['cache 1', 'forward', 'timer 100']);
    expect(new Script().data(0, { length: 0, flags: { fin: true } })).toEqual(['cache 1', 'forward', 'timer 100']);
  });

  it('that are acknowledged already pass uncached', () => {
    const s = new Script();
    s.window(0, 2);
    s.ack(2);
    expect(s.data(0)).toEqual(['forward']);
    expect(s.agent.statistics).toMatchObject({ alreadyAcked: 1 });
  });

  it('that the sender sends again replace the cached one, reset its count and make its loss the sender’s', () => {
    const s = new Script({ persistTimeout: 9000 });
    s.window(0, 3);
    s.timer(100);
    expect(s.agent.statistics.retransmittedOnTimer).toBe(1);
    expect(s.data(0)).toEqual(['drop 1', 'cache 4', 'forward']);
    expect(s.ack(0)).toEqual(['forward']);
    expect(s.ack(0)).toEqual(['forward']);
    expect(s.ack(0)).toEqual(['forward']);
    expect(s.agent.statistics).toMatchObject({ senderRetransmissions: 1, duplicatesForwarded: 3, retransmittedOnDuplicates: 0 });
    // its count begins anew: the timer may still send it four times
    for (let turn = 0; turn < 40; turn += 1) s.timer(s.now + 200);
    expect(s.agent.statistics.retransmittedOnTimer).toBe(1 + 4);
  });

  it('that the sender sends again put the timer off when they are the first in the cache', () => {
    const s = new Script();
    s.data(0);
    s.data(1);
    s.now = 50;
    s.data(1);
    expect(s.timer(99)).toEqual(['timer 100']);
    s.data(0);
    expect(s.timer(100)).toEqual(['timer 199']);
    expect(s.timer(199)).toContain('retransmit 4 timer');
  });

  it('with one octet that is not acknowledged are cached', () => {
    const s = new Script();
    s.window(0, 1);
    s.ack(1);
    expect(s.data(0, { length: 101 })).toContain('cache 2');
  });

  it('a shorter repetition leaves the longer copy in the cache, a longer one replaces it', () => {
    const s = new Script();
    s.data(0);
    expect(s.data(0, { length: 50 })).toEqual(['forward']);
    expect(s.data(0, { length: 150 })).toEqual(['drop 1', 'cache 3', 'forward']);
    s.ack(1);
    expect(s.agent.cachedPackets).toBe(1);
    s.ack(0, { offset: 150 });
    expect(s.agent.cachedPackets).toBe(0);
  });

  it('a head cut anew that covers the awaited octet is repaired', () => {
    const s = new Script();
    s.data(0, { length: 150 });
    s.data(0, { offset: 150, length: 150 });
    s.ack(0, { offset: 100 });
    s.ack(0, { offset: 100 });
    expect(s.ack(0, { offset: 100 })).toEqual(['retransmit 1 duplicate', 'suppress']);
  });

  it('that come late are cached, and their duplicate ACKs go to the sender', () => {
    const s = new Script();
    s.data(0);
    s.data(2);
    s.ack(1);
    // the hole is not in the cache
    expect(s.ack(1)).toEqual(['forward']);
    expect(s.data(1)).toEqual(['cache 3', 'forward']);
    expect([s.ack(1), s.ack(1), s.ack(1)]).toEqual([['forward'], ['forward'], ['forward']]);
    expect(s.agent.statistics).toMatchObject({ outOfOrder: 1, duplicatesSuppressed: 0 });
  });

  it('pass uncached when the cache is full, and their loss is the sender’s', () => {
    const s = new Script({ maxWindow: 2 });
    s.data(0);
    s.data(1);
    expect(s.data(2)).toEqual(['forward']);
    expect(s.agent.statistics).toMatchObject({ cacheFull: 1, cached: 2 });
    s.ack(2);
    expect([s.ack(2), s.ack(2), s.ack(2)]).toEqual([['forward'], ['forward'], ['forward']]);
    // room again
    expect(s.data(3)).toContain('cache 4');
  });

  it('pass uncached when the wireless queue is full', () => {
    const s = new Script();
    expect(s.data(0, { queueFull: true })).toEqual(['forward', 'timer 10000']);
    s.data(1);
    expect(s.data(1, { queueFull: true })).toEqual(['forward']); // the copy in the cache stays
    expect(s.agent.statistics).toMatchObject({ queueFull: 1, senderRetransmissions: 1 });
    expect(s.agent.cachedPackets).toBe(1);
  });

  it('a FIN takes one number: alone it is cached, and its ACK ends the connection', () => {
    const s = new Script();
    s.data(0);
    expect(s.data(1, { length: 0, flags: { fin: true } })).toEqual(['cache 2', 'forward']);
    s.ack(1);
    expect(s.agent.connections).toBe(1);
    expect(s.ack(0, { offset: 101 })).toEqual(['drop 2', 'forward']);
    expect(s.agent.connections).toBe(0);
    expect(s.agent.statistics).toMatchObject({ ended: 1 });
  });

  it.each(['syn', 'rst'])('%s from either side ends what was known', (flag) => {
    for (const side of ['data', 'ack'] as const) {
      const s = new Script();
      s.window(0, 2);
      expect(s[side](7, { flags: { [flag]: true } })).toEqual(['drop 1', 'drop 2', 'forward']);
      expect(s.agent.connections).toBe(0);
      expect(s.agent.statistics.ended).toBe(1);
      expect(s[side](7, { flags: { [flag]: true } })).toEqual(['forward']); // nothing known
    }
  });

  it('far from every window forget the connection and go on', () => {
    const s = new Script();
    s.data(0);
    expect(s.data(0, { offset: 2 ** 30 + 200 })).toEqual(['forward', 'drop 1']);
    expect(s.agent.connections).toBe(0);
    expect(s.agent.statistics.strange).toBe(1);
  });
});

describe('limits', () => {
  const flow = (port: number) => ({ ...FLOW, mobilePort: port });

  it('connections beyond the limit pass untouched until an idle one is collected', () => {
    const s = new Script({ maxConnections: 2 });
    s.data(0, { flow: flow(1) });
    s.now = 5000;
    s.data(0, { flow: flow(2) });
    expect(s.data(0, { flow: flow(3) })).toEqual(['forward']);
    expect(s.agent.statistics.refused).toBe(1);
    s.now = 10_000; // the timer did not come
    expect(s.data(0, { flow: flow(3) })).toContain('cache 4');
    expect(s.agent.connections).toBe(2);
    expect(s.agent.statistics).toMatchObject({ opened: 3, collected: 1 });
    expect(s.agent.look(flow(1))).toBeNull();
  });

  it('ends that share an address or a port are told apart', () => {
    const s = new Script();
    const flows = [FLOW, { ...FLOW, fixed: 1 }, { ...FLOW, fixedPort: 1 }, { ...FLOW, mobile: 1 }, { ...FLOW, mobilePort: 1 }];
    for (const one of flows) s.data(0, { flow: one });
    expect(s.agent.connections).toBe(5);
    expect(s.agent.clear(0).filter((action) => action.do === 'drop')).toHaveLength(5);
    expect(s.agent.connections).toBe(0);
  });
});
