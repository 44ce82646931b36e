/** `roamlab diff` as users start it: exit codes and streams. */
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { copy, damage, flipAt, RUN, recordAt, scratchFolder, virtualResults } from '../compare/folders.ts';

let a: string;
let b: string;

beforeAll(async () => {
  const folder = await scratchFolder();
  a = await virtualResults(join(folder, 'a'));
  b = await copy(a, join(folder, 'b'));
  await damage(join(b, RUN, 'pcap/server-eth0.pcap'), (octets) => flipAt(recordAt(octets, 37) + 16 + 60)(octets));
});

async function diff(...args: string[]): Promise<{ exit: number | undefined; stdout: string; stderr: string }> {
  const env = { NO_COLOR: '1' };
  const result = await execa(process.execPath, ['scripts/roamlab.mjs', 'diff', ...args], { reject: false, stdin: 'ignore', env });
  return { exit: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

describe.concurrent('diff', () => {
  test('of equal runs is exit 0', async () => {
    const { exit, stdout, stderr } = await diff(a, b, '--run', '2');
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^identical: 7 files, /);
  });

  test('of runs that differ is exit 1 and points at the packet', async () => {
    const { exit, stdout, stderr } = await diff(join(a, RUN), b);
    expect([exit, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^first differing packet: pcap\/server-eth0\.pcap, packet 37: first differing\s+octet 60 \(UDP payload\)$/m);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('--json is nothing but JSON; --view chooses', async () => {
    const { exit, stdout } = await diff(a, b, '--run', '1', '--cell', 'all', '--view', 'event', '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ format: 1, identical: false, view: 'event', why: 'as asked for', bytes: null });
  });

  test('the null run goes by its name', async () => {
    expect(await diff(a, b, '--run', 'null')).toMatchObject({ exit: 0, stdout: expect.stringContaining('null run 1') });
  });

  test.each([
    ['no run', [], '[E_COMPARE_RUN]\n  → --run with one of: 1, 2, null'],
    ['a number that is none', ['--run', 'x'], 'a whole number from 1, or null, is wanted'],
    ['an unknown view', ['--run', '1', '--view', 'hex'], 'Allowed choices are bytes, event'],
  ])('%s is exit 2, told on stderr', async (_, args, said) => {
    const { exit, stdout, stderr } = await diff(a, b, ...args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });
});
