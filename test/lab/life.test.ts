/**
 * Life and death: kill -9 at any instant leaves nothing of ours and harms no neighbour; Ctrl-C cleans up and exits 130; two
 * runs at once do not meet.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { prng } from '../../src/host/random.ts';
import { waitFor } from '../../src/host/wait.ts';
import { loadExperiment } from '../../src/spec/index.ts';
import type { Summary } from '../../src/types/run.ts';
import { runGuest } from '../../src/vm/guest-run.ts';
import { ensureImage } from '../../src/vm/image.ts';
import { ROOT, roamlab, type Started, scratchFolder, startRoamlab } from './cli.ts';
import { type Residue, residue } from './residue.ts';

const PLAIN = join(ROOT, 'test/lab/plain.yaml');
const HELLO = join(ROOT, 'topologies/hello.yaml');
const KILLS = 20;

/** Fails with the difference when something stays for 5 s after the kill. */
async function expectNothingLeft(before: Residue, owner: number): Promise<void> {
  const left = () => residue([owner]);
  await waitFor('the kernel to clean up', () => JSON.stringify(left()) === JSON.stringify(before), { timeout: 5000 }).catch(() => {});
  expect(left()).toEqual(before);
}

/** Kills `KILLS` invocations at instants spread at random over `seconds`, one after the other. */
async function killSpree(args: (i: number) => string[], seconds: number, seed: number): Promise<void> {
  const random = prng(seed);
  for (let i = 0; i < KILLS; i++) {
    const before = residue();
    const victim = startRoamlab(args(i));
    await Promise.race([victim.finished, delay(((i + random()) / KILLS) * seconds * 1000)]);
    victim.child.kill('SIGKILL');
    await victim.finished;
    await expectNothingLeft(before, victim.child.pid ?? 0);
  }
}

describe('kill -9', () => {
  test('of 20 runs on the netns backend, at 20 instants, beside a neighbour that finishes unharmed', async () => {
    const folder = scratchFolder();
    const neighbour = startRoamlab(['run', PLAIN, '--backend', 'netns', '--runs', '1000', '--out', join(folder, 'neighbour')]);
    onTestFinished(() => void neighbour.child.kill('SIGKILL'));
    await waitFor('the neighbour', () => neighbour.said().includes('1/1000'), { timeout: 60_000 });
    const random = prng(1);
    for (let i = 0; i < KILLS; i++) {
      const victim = startRoamlab(['run', PLAIN, '--backend', 'netns', '--out', join(folder, `victim-${i}`)]);
      await Promise.race([victim.finished, delay(((i + random()) / KILLS) * 4000)]);
      victim.child.kill('SIGKILL');
      await victim.finished;
      const mine = () => residue([victim.child.pid ?? 0]);
      await waitFor('the kernel to clean up', () => mine().processes.length === 0, { timeout: 5000 }).catch(() => {});
      expect(mine()).toMatchObject({ processes: [], named: [], sockets: [] });
      expect(neighbour.child.exitCode).toBeNull();
    }
    neighbour.child.kill('SIGINT');
    expect((await neighbour.finished).code).toBe(130);
    const finished = neighbour.said().match(/^\[.*run \d+: .*$/gm) ?? [];
    expect(finished.length).toBeGreaterThan(KILLS / 2);
    expect(finished.filter((line) => line.includes('invalid'))).toEqual([]);
  });

  test('of 20 runs on the netns backend leaves the machine as it was', async () => {
    const folder = scratchFolder();
    await killSpree((i) => ['run', PLAIN, '--backend', 'netns', '--out', join(folder, String(i))], 4, 2);
  });

  test('of 20 runs on the vm backend leaves the machine as it was', async () => {
    const folder = scratchFolder();
    await killSpree((i) => ['run', HELLO, '--backend', 'vm', '--runs', '1', '--out', join(folder, String(i))], 14, 3);
  });

  test('inside the guest, of whole handovers with charon, ESP and netem, leaves no namespace, SA, mount or socket', async () => {
    const image = await ensureImage(() => {});
    const said: { label: string; before: Residue; after: Residue }[] = [];
    await runGuest({ runs: [], cell: (await loadExperiment(HELLO)).cells[0] } as never, {
      image,
      accelerator: 'tcg',
      main: join(import.meta.dirname, 'guest/kills.ts'),
      signal: new AbortController().signal,
      onMessage: (message) => {
        if (message.type === 'said') said.push(message.value as (typeof said)[number]);
      },
    });
    expect(said.length).toBeGreaterThanOrEqual(8);
    for (const { label, before, after } of said) expect(after, label).toEqual(before);
  });
});

describe('two invocations at once', () => {
  test('do not disturb each other', async () => {
    const folder = scratchFolder();
    const args = (name: string) => ['run', HELLO, '--backend', 'vm', '--runs', '1', '--json', '--out', join(folder, name)];
    const [a, b] = await Promise.all([roamlab(args('a')), roamlab(args('b'))]);
    for (const { code, stderr } of [a, b]) expect(code, stderr).toBe(0);
    const of = (text: string) => (JSON.parse(text) as Summary).cells.map((c) => ({ valid: c.valid, quiet: c.nullQuiet }));
    expect(of(a.stdout)).toEqual([{ valid: 1, quiet: true }]);
    expect(of(b.stdout)).toEqual([{ valid: 1, quiet: true }]);
  });
});

describe('Ctrl-C', () => {
  const interrupted = async (started: Started, ready: () => boolean): Promise<void> => {
    await waitFor('the run to be under way', ready, { timeout: 90_000 });
    const before = performance.now();
    started.child.kill('SIGINT');
    const { code, stderr } = await started.finished;
    expect(code, stderr).toBe(130);
    expect(stderr).toContain('cleaned up');
    expect(performance.now() - before).toBeLessThan(30_000);
  };

  test.each(['netns', 'vm'])('on the %s backend cleans up and exits 130; the next call finishes the work', async (backend) => {
    const before = residue();
    const folder = scratchFolder();
    const out = join(folder, 'out');
    const file = backend === 'netns' ? PLAIN : HELLO;
    const args = ['run', file, '--backend', backend, '--runs', '2', '--out', out];
    const started = startRoamlab(args);
    await interrupted(started, () => /^\[.*1\/\d/m.test(started.said()));
    expect(residue([started.child.pid ?? 0])).toEqual(before);
    expect(existsSync(join(out, 'summary.json'))).toBe(false);
    const again = await roamlab(args);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain('already done');
  });
});

test('no QEMU of a killed roamlab lives on', () => {
  const running = execFileSync('ps', ['-eo', 'pid,ppid,comm'], { encoding: 'utf8' });
  const orphans = running.split('\n').filter((line) => /qemu-system/.test(line) && /^\s*\d+\s+1\s/.test(line));
  expect(orphans).toEqual([]);
});
