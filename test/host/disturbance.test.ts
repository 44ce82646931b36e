import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { HOST_FILE, HostWatch, writeHostRecord } from '../../src/host/disturbance/index.ts';
import { parseLoad, parsePressure, parseSchedstat, parseStat, type ThreadTimes } from '../../src/host/disturbance/proc.ts';
import { type Reading, Sampler } from '../../src/host/disturbance/sampler.ts';
import { Threads } from '../../src/host/disturbance/threads.ts';
import { waitFor } from '../../src/host/wait.ts';

describe("the kernel's files", () => {
  it('CPU times: all of them, guests counted once', () => {
    const text = 'cpu  4728 10 4081 155474 356 7 83 9 50 1\ncpu0 1 0 0 0 0 0 0 0 0 0\ncpu1 1 0 0 0 0 0 0 0 0 0\nintr 5 0\nctxt 9\n';
    const { busy, steal, cpus } = parseStat(text);
    expect([busy, steal, cpus]).toEqual([expect.closeTo(89.09, 9), 0.09, 2]);
    expect(parseStat('cpu  1 2 3 4\n').steal).toBe(0);
  });

  it.each(['', 'cpu0 1 2 3 4\n', 'cpu  a b c d\n'])('no CPU times in %j', (text) => expect(() => parseStat(text)).toThrow(RangeError));

  it('pressure, in seconds; none where the kernel was built without or switched off', () => {
    const text = 'some avg10=0.00 avg60=0.15 avg300=0.44 total=10602691\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n';
    expect(parsePressure(text)).toBe(10.602691);
    expect(parsePressure('full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n')).toBeNull();
    expect(parsePressure('')).toBeNull();
  });

  it("a thread's times, in seconds", () => {
    expect(parseSchedstat('278391767 22199991 8018\n')).toEqual({ ran: 0.278391767, waited: 0.022199991, turns: 8018 });
    for (const text of ['', '0', '1 2', 'a b c', '1 2 3 4']) expect(parseSchedstat(text)).toBeNull();
  });

  it('load', () => expect([parseLoad('1.25 0.04 0.05 1/87 14654\n'), parseLoad('')]).toEqual([1.25, 0]));
});

function reading(t: number, busy: number, steal: number, threads: Record<string, ThreadTimes>): Reading {
  return { t, cpu: { busy, steal, cpus: 2 }, threads: new Map(Object.entries(threads)) };
}
const times = (ran: number, waited: number, turns: number): ThreadTimes => ({ ran, waited, turns });
const nothing = { before: { cpu: null, io: null, memory: null }, after: { cpu: null, io: null, memory: null } };

describe('a record', () => {
  it('has what was added between readings, thread by thread', () => {
    const sampler = new Sampler(reading(1e9, 10, 1, { 7: times(5, 3, 100), 8: times(1, 1, 50) }), 1000, () => 'charon');
    // 7 waits 20 ms over 100 turns, 8 ends, 9 is born
    sampler.add(reading(1.02e9, 10.25, 1.02, { 7: times(5.04, 3.02, 200), 9: times(0.01, 0.008, 10) }), 0.0031234567);
    // 9 ends, and its number goes to another thread
    sampler.add(reading(1.05e9, 10.3, 1.02, { 7: times(5.04, 3.02, 200), 9: times(0.001, 0, 1) }), 0.0001);
    const pressure = { before: { cpu: 1, io: null, memory: 2 }, after: { cpu: 1.2, io: 3, memory: 2 } };
    expect(sampler.result(-5, pressure, 0.7)).toEqual({
      format: 1,
      epoch: 1000,
      clockAhead: -5,
      duration: 0.05,
      cpus: 2,
      steal: 0.02,
      pressure: { cpu: 0.2, io: null, memory: 0 },
      waited: 0.028,
      own: 0.051,
      others: 0.249,
      load: 0.7,
      windows: [
        { from: 1e9, to: 1.02e9, late: 0.003123, waited: 0.015, steal: 0.02 },
        { from: 1.02e9, to: 1.05e9, late: 0.0001, waited: 0, steal: 0 },
      ],
    });
  });

  it('does not count the waits of threads that are in no number', () => {
    const names: Record<string, string> = { 1: 'tcpdump', 2: 'V8Worker', 3: 'charon', 4: 'charon' };
    const sampler = new Sampler(reading(0, 0, 0, {}), 0, (tid) => names[tid]!);
    sampler.add(reading(1e9, 0, 0, { 1: times(0, 0.5, 1), 2: times(0, 0.4, 1), 3: times(0, 0.3, 1), 4: times(0, 0.2, 1) }), 0);
    const host = sampler.result(0, nothing, 0);
    expect([host.windows[0]!.waited, host.waited]).toEqual([0.29995, 1.4]);
  });

  it('says that the kernel does not count, and not 0', () => {
    const sampler = new Sampler(reading(0, 0, 0, {}), 0, () => '');
    sampler.add(reading(1e9, 1, 0, {}), 0);
    expect(sampler.result(0, nothing, 0)).toMatchObject({
      waited: null,
      own: null,
      others: null,
      pressure: { memory: null },
      windows: [{ waited: null }],
    });
  });
});

describe('a watch of this machine', () => {
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  });
  /** Children that want a CPU all the time, more than there are. */
  function busy(): number[] {
    const some = Array.from({ length: 2 * availableParallelism() + 1 }, () =>
      spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
    );
    children.push(...some);
    return some.map(({ pid }) => pid!);
  }
  const timesOf = (pid: number) => parseSchedstat(readFileSync(`/proc/${pid}/schedstat`, 'latin1'))!;
  const counts = parseSchedstat(readFileSync('/proc/self/schedstat', 'latin1')) !== null;

  it.runIf(counts)('sees that children of this process wait for a CPU', async () => {
    const watcher = new HostWatch();
    const watch = watcher.begin([process.pid]);
    await watch.begun;
    const pids = busy();
    await waitFor('CPU waits', () => pids.every((pid) => timesOf(pid).waited > 0.05 && timesOf(pid).ran > 0.02));
    const host = await watch.end(0);
    expect(host.waited).toBeGreaterThan(0.05 * pids.length);
    expect(host.own).toBeGreaterThan(0.02 * pids.length);
    expect(Math.max(...host.windows.map(({ waited }) => waited!))).toBeGreaterThan(0.001);
    const ends = host.windows.map(({ from, to }) => [from, to]);
    expect(ends.slice(1).map(([from]) => from)).toEqual(ends.slice(0, -1).map(([, to]) => to));
    expect(host.duration).toBeCloseTo((ends.at(-1)![1]! - ends[0]![0]!) / 1e9, 5);
    await watcher.close();
  });

  it.runIf(counts)('does not take the work of strangers for that of the run', async () => {
    const quiet = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    children.push(quiet);
    const watcher = new HostWatch();
    const watch = watcher.begin([quiet.pid!]);
    await watch.begun;
    const pids = busy();
    await waitFor('CPU time', () => pids.every((pid) => timesOf(pid).ran > 0.05));
    const { own, others } = await watch.end(0);
    expect(own).toBeLessThan(0.05);
    expect(others).toBeGreaterThan(0.05 * pids.length - 0.03); // counted in steps of 10 ms
    await watcher.close();
  });

  it('comes after another, which is given up when nobody ended it', async () => {
    const watcher = new HostWatch();
    const first = watcher.begin([process.pid]);
    const second = watcher.begin([process.pid]);
    await expect(first.end(0)).rejects.toThrow('another watch began');
    const { windows, clockAhead } = await second.end(12);
    expect([windows.length > 0, clockAhead]).toEqual([true, 12]);
    await watcher.close();
  });

  it('is told apart from the next, which may begin before it is reported', async () => {
    const watcher = new HostWatch();
    const first = watcher.begin([process.pid]).end(1);
    const second = watcher.begin([process.pid]);
    expect((await first).clockAhead).toBe(1);
    const host = await second.end(2);
    expect(host.clockAhead).toBe(2);
    const folder = mkdtempSync(join(tmpdir(), 'roamlab-host-'));
    writeHostRecord(folder, host);
    expect(JSON.parse(readFileSync(join(folder, HOST_FILE), 'utf8'))).toEqual(host);
    rmSync(folder, { recursive: true });
    await watcher.close();
  });

  it('can be left in the middle', async () => {
    const watcher = new HostWatch();
    const watch = watcher.begin([process.pid]);
    await watch.begun;
    await watcher.close();
    await expect(watch.end(0)).rejects.toThrow('the worker thread ended');
  });

  it.runIf(counts)('finds a child that came later, and forgets one that went', async () => {
    const threads = new Threads([process.pid]);
    threads.read();
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    const seen = () => Array.from({ length: 10 }, () => threads.read().has(String(child.pid)));
    expect(seen()).toContain(true);
    const other = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    children.push(other);
    expect(threads.read(true).has(String(other.pid))).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(seen()).not.toContain(true);
  });

  it.runIf(counts)('lists the threads of a process and of its children, without the one that asks', () => {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    children.push(child);
    const threads = new Threads([process.pid]).read();
    expect([...threads.keys()]).toContain(String(child.pid));
    expect([...threads.keys()]).not.toContain(readFileSync('/proc/thread-self/stat', 'latin1').split(' ')[0]);
    expect(new Threads([2 ** 30]).read().size).toBe(0);
  });
});
