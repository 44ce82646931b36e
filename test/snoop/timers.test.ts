import { expect, it } from 'vitest';
import { at, FLOW, Script } from './script.ts';

it('the local timer sends the head again, ever later, maxRxmit times', () => {
  const s = new Script();
  s.data(0);
  expect(s.timer(99)).toEqual(['timer 100']); // too early
  expect(s.timer(100)).toEqual(['retransmit 1 timer', 'timer 300']);
  expect(s.timer(300)).toEqual(['retransmit 1 timer', 'timer 700']);
  expect(s.timer(700)).toEqual(['retransmit 1 timer', 'timer 1000']);
  expect(s.timer(1000)).toEqual(['retransmit 1 persist', 'timer 1800']);
  expect(s.timer(1800)).toEqual(['timer 2000']); // four copies by now
});

it('a new packet starts a timer that gave up, but does not raise the limit', () => {
  const s = new Script({ maxRxmit: 1, persistTimeout: 9999 });
  s.data(0);
  s.timer(100);
  expect(s.timer(300)).toEqual(['timer 9999']);
  expect(s.data(1)).toEqual(['cache 2', 'forward', 'timer 500']);
  expect(s.timer(500)).not.toContain('retransmit 1 timer');
});

it('the timer is of no use while the awaited packet is not cached', () => {
  const s = new Script({ persistTimeout: 9999 });
  s.data(0);
  s.data(2);
  s.ack(1);
  expect(s.timer(100)).toEqual(['timer 9999']);
});

it('after a silence of both sides everything cached is sent again, in order, until the connection is collected', () => {
  const s = new Script({ maxRxmit: 0 });
  for (const index of [0, 2, 1]) s.data(index);
  expect(s.timer(1000)).toEqual(['retransmit 1 persist', 'retransmit 3 persist', 'retransmit 2 persist', 'timer 1100']);
  let rounds = 1;
  for (let now = 1000; now < 10_000; now += 100) if (s.timer(now).includes('retransmit 1 persist')) rounds += 1;
  expect(rounds).toBe(9);
  expect(s.timer(10_000)).toEqual(['drop 1', 'drop 3', 'drop 2']);
  expect(s.agent.connections).toBe(0);
  expect(s.agent.statistics).toMatchObject({ collected: 1, retransmittedOnPersist: 27 });
});

it('a connection is collected at the time asked for, however the sum was rounded', () => {
  for (let n = 0; n < 1000; n += 1) {
    const s = new Script({ garbageTimeout: 300, minRto: 400, initialRto: 400 });
    s.now = 2000 / (n + 1.1);
    const asked = Number(s.data(0).at(-1)!.slice('timer '.length));
    expect(s.timer(asked)).toEqual(['drop 1']);
  }
});

it('every packet of either side puts the persist timer off', () => {
  const s = new Script({ maxRxmit: 0 });
  s.window(0, 2);
  s.now = 900;
  s.ack(0);
  expect(s.timer(1000)).toEqual(['timer 1900']);
  s.now = 1800;
  s.data(0, { length: 0 });
  expect(s.timer(1900)).toEqual(['timer 2800']);
});

it('into a closed window nothing is sent', () => {
  const s = new Script();
  s.data(0);
  s.ack(0, { window: 0 });
  expect(s.timer(100)).toEqual(['timer 1000']);
  expect(s.timer(1000)).toEqual(['timer 2000']);
  s.now = 1500;
  expect(s.ack(0)).toEqual(['forward', 'timer 1600']);
  expect(s.timer(1600)).toContain('retransmit 1 timer');
});

it('only packets that were sent once are measured', () => {
  const s = new Script();
  const rtt = () => s.agent.look(FLOW)?.rtt;
  s.data(0);
  s.data(1);
  s.timer(100); // sends packet 0 again
  s.now = 150;
  s.ack(2); // the newest was sent once, but it waited for packet 0
  expect(rtt()).toBeNull();
  s.data(2);
  s.data(2);
  s.now = 190;
  s.ack(3);
  expect(rtt()).toBeNull();
  s.data(3);
  s.now = 270;
  s.ack(4);
  expect(rtt()).toEqual({ smoothed: 80, variation: 40 });
});

it('a clock that goes back stands still instead', () => {
  const s = new Script();
  s.now = 500;
  s.data(0);
  s.now = 100;
  s.ack(1);
  expect(s.agent.look(FLOW)?.rtt).toEqual({ smoothed: 0, variation: 0 });
});

it('a timer event without a connection does nothing', () => {
  expect(new Script().timer(5)).toEqual([]);
});

it('a handoff drops the packets at the old agent; the new one sends what is unacknowledged at once', () => {
  const old = new Script();
  old.window(0, 3);
  old.now = 50;
  old.ack(1);
  const { snapshot, actions } = old.agent.release(FLOW, 60);
  expect(actions.map((action) => action.do)).toEqual(['drop', 'drop']);
  expect(old.agent.connections).toBe(0);
  expect(old.agent.release(FLOW, 60)).toEqual({ snapshot: null, actions: [] });
  expect(old.agent.statistics).toMatchObject({ exported: 1, imported: 0 });
  expect(snapshot).toMatchObject({ lastAck: at(100), window: 1000, lastSeen: at(300), rtt: { smoothed: 50 } });

  const fresh = new Script();
  fresh.now = 7000;
  expect(fresh.agent.adopt(structuredClone(snapshot!), 7000).map((action) => action.do)).toEqual(['cache', 'cache', 'timer']);
  expect(fresh.agent.statistics).toMatchObject({ exported: 0, imported: 1 });
  expect(fresh.timer()).toEqual(['retransmit 2 persist', 'retransmit 3 persist', 'timer 7150']);
  fresh.now = 7010;
  expect(fresh.ack(3)).toContain('drop 3');
  expect(fresh.agent.adopt(snapshot!, 7000)).toEqual([]); // known by now
});

it.each([0, 1])('duplicates at the new agent count from the start (threshold %i)', (dupThresh) => {
  const old = new Script();
  old.window(0, 3);
  old.ack(0);
  const fresh = new Script({ dupThresh });
  fresh.agent.adopt(old.agent.release(FLOW, 0).snapshot!, 0);
  for (let turn = 0; turn < dupThresh; turn += 1) expect(fresh.ack(0)).toEqual(['forward']);
  expect(fresh.ack(0)).toEqual(['retransmit 1 duplicate', 'suppress']);
});

it('a connection with traffic of either side is not collected', () => {
  const s = new Script({ maxRxmit: 0, persistTimeout: 60_000 });
  s.data(0);
  s.ack(0);
  for (let turn = 1; turn <= 3; turn += 1) {
    s.now = turn * 9000;
    if (turn === 2) s.data(0, { length: 0 });
    else s.ack(0);
    s.timer();
    expect(s.agent.connections).toBe(1);
  }
  s.timer(37_000);
  expect(s.agent.connections).toBe(0);
});

it('an agent that starts empty lets ACKs of older data pass and takes up what is new', () => {
  const s = new Script();
  expect(s.ack(3)).toEqual(['forward']);
  expect(s.data(5)).toContain('cache 1');
  for (let turn = 0; turn < 4; turn += 1) expect(s.ack(3)).toEqual(['forward']);
  expect(s.data(3)).toContain('cache 2');
  s.ack(5);
  s.ack(5);
  expect(s.ack(5)).toEqual(['retransmit 1 duplicate', 'suppress']);
});

it('a snapshot from elsewhere cannot overfill the cache or bring in what is acknowledged or unknown', () => {
  const s = new Script({ maxWindow: 2, maxConnections: 1 });
  const packet = (offset: number, length = 100) => ({
    seq: at(offset),
    end: at(offset + length),
    reference: { id: offset, length: 184 },
    age: 0,
    congestion: false,
  });
  const snapshot = { flow: FLOW, lastSeen: at(900), lastAck: at(100), window: 1, finEnd: null, rtt: null };
  const packets = [packet(0), packet(300), packet(300), packet(200, 0), packet(500, -50), packet(850), packet(200), packet(700)];
  expect(s.agent.adopt({ ...snapshot, packets }, 0).map((action) => 'reference' in action && action.reference.id)).toEqual([
    200,
    300,
    false,
  ]);
  expect(s.agent.adopt({ ...snapshot, flow: { ...FLOW, mobile: 1 }, packets }, 0)).toEqual([]); // no place
});
