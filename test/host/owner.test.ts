import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { markedProcesses, ownerAlive, ownerMark } from '../../src/host/owner.ts';

test('this process is alive under its own mark', () => {
  expect(ownerMark()).toMatch(new RegExp(`^${process.pid}:\\d+$`));
  expect(ownerAlive(ownerMark())).toBe(true);
});

test.each([
  ['a PID that was given away again', `${process.pid}:1`],
  ['no such process', '4194305:1'],
  ['nonsense', 'x'],
  ['nothing', ''],
])('%s is dead', (_, mark) => {
  expect(ownerAlive(mark)).toBe(false);
});

test('a marked process is found with its lab, owner and command, and is dead once it ended', async () => {
  const child = spawn('cat', ['--', '-'], { env: { ...process.env, ROAMLAB_LAB: 'owner-test', ROAMLAB_OWNER: ownerMark() } });
  await once(child, 'spawn');
  const mine = () => markedProcesses().filter((p) => p.lab === 'owner-test');
  expect(mine()).toEqual([{ pid: child.pid, lab: 'owner-test', owner: ownerMark(), command: 'cat -- -' }]);
  child.stdin.end();
  await once(child, 'close');
  expect(mine()).toEqual([]);
});
