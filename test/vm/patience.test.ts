import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { longestWait, Patience } from '../../src/vm/patience.ts';

describe('a guest’s silence', () => {
  /** seconds */
  let waited = 0;
  let ended: number[] = [];
  const patience = () => {
    ended = [];
    return new Patience(
      0,
      (starved) => ended.push(starved),
      () => new Map([['7', waited]]),
    );
  };
  beforeEach(() => {
    vi.useFakeTimers();
    waited = 3;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is a hang after the limit, where there was a CPU', () => {
    patience().expect(1000);
    vi.advanceTimersByTime(999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(ended).toEqual([0]);
  });

  test('starts again with every word, and is none after the end', () => {
    const one = patience();
    for (let i = 0; i < 5; i++) {
      one.expect(1000);
      vi.advanceTimersByTime(900);
    }
    one.end();
    vi.advanceTimersByTime(10_000);
    expect(ended).toEqual([]);
  });

  test('is excused for as long as it had no CPU', () => {
    patience().expect(1000);
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(250);
      waited += 0.2;
    }
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(ended).toEqual([2000]);
  });

  test('is not excused for ever', () => {
    patience().expect(1000);
    for (let i = 0; i < 210; i++) {
      vi.advanceTimersByTime(100);
      waited += 0.1;
    }
    expect(ended).toHaveLength(1);
  });

  test('waiting before the word does not count', () => {
    const one = patience();
    one.expect(1000);
    waited += 60;
    vi.advanceTimersByTime(6000);
    expect(ended).toEqual([]);
    one.expect(1000);
    vi.advanceTimersByTime(1001);
    expect(ended).toEqual([0]);
  });
});

test('a word that came while this process was busy is heard', async () => {
  const child = spawn('sh', ['-c', 'sleep 0.1; echo alive; sleep 60']);
  const ended: number[] = [];
  const one = new Patience(child.pid ?? 0, (starved) => ended.push(starved));
  const heard = once(child.stdout, 'data').then(() => one.end());
  one.expect(200);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  await heard;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(ended).toEqual([]);
});

test('of several threads the one that waited longest counts; new ones from their beginning', () => {
  const before = new Map([
    ['1', 5],
    ['2', 1],
  ]);
  expect(longestWait(before, new Map([...before, ['3', 0.5]]))).toBe(500);
  expect(longestWait(before, new Map([['2', 3]]))).toBe(2000);
  expect(longestWait(before, new Map())).toBe(0);
});

test('of a process that sleeps the limit is the limit', async () => {
  const child = spawn('sleep', ['60']);
  const started = performance.now();
  const starved = await new Promise<number>((resolve) => new Patience(child.pid ?? 0, resolve).expect(300));
  child.kill('SIGKILL');
  expect(performance.now() - started).toBeGreaterThanOrEqual(299);
  expect(starved).toBeLessThan(300);
});
