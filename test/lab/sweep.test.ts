/** Sweeps that are killed, and guests that die: what was finished stays, and only what was lost is lost. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runExperiment } from '../../src/experiment/index.ts';
import { waitFor } from '../../src/host/wait.ts';
import { ROOT, roamlab, scratchFolder, startRoamlab } from './cli.ts';
import { hashes } from './files.ts';

const PLAIN = join(ROOT, 'test/lab/plain.yaml');

test('a sweep of 40 runs killed at run 17 and started again has 40 runs: the finished ones untouched, as if never killed', async () => {
  const folder = scratchFolder();
  const args = (out: string) => ['run', PLAIN, '--clock', 'virtual', '--runs', '40', '--out', join(folder, out)];
  const victim = startRoamlab(args('killed'));
  onTestFinished(() => void victim.child.kill('SIGKILL'));
  await waitFor('run 16', () => /\b16\/40 /.test(victim.said()), { timeout: 300_000 });
  victim.child.kill('SIGKILL');
  await victim.finished;
  const runs = join(folder, 'killed/cells/all');
  const survivors = readdirSync(runs);
  expect(survivors.length).toBeGreaterThanOrEqual(16);
  expect(survivors.length).toBeLessThan(40);
  const before = Object.fromEntries(survivors.map((name) => [name, hashes(join(runs, name))]));
  const again = await roamlab(args('killed'));
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toContain(`${survivors.length} of them already done`);
  for (const name of survivors) expect(hashes(join(runs, name)), name).toMatchObject(before[name] ?? {});
  const whole = await roamlab(args('whole'));
  expect(whole.code, whole.stderr).toBe(0);
  expect(readdirSync(runs).length).toBe(40);
  for (const name of readdirSync(runs)) expect(hashes(join(runs, name)), name).toEqual(hashes(join(folder, 'whole/cells/all', name)));
});

describe('a guest', () => {
  test('that panics in run 5, and one that hangs in run 6, cost those runs only, and the console’s last lines tell', async () => {
    const out = join(scratchFolder(), 'out');
    const guest = { main: join(import.meta.dirname, 'guest/fifth.ts'), silence: 20_000 };
    const summary = await runExperiment(PLAIN, { clock: 'virtual', runs: 8, out, guest });
    const [cell] = summary.cells;
    expect(cell?.valid).toBe(6);
    expect(cell?.invalid.map(({ run }) => run)).toEqual([5, 6]);
    const [panicked, hung] = cell?.invalid.map(({ reasons }) => reasons.join('\n')) ?? [];
    expect(panicked).toContain('the guest kernel panicked (sysrq triggered crash)');
    expect(panicked).toMatch(/console of the guest, last lines:\n\[ +\d/);
    expect(hung).toContain('no sign of life from the guest for 20 s');
    const record = JSON.parse(readFileSync(join(out, 'cells/all/run-005/run.json'), 'utf8')) as { error: string };
    expect(record.error).toContain('panicked');
  });
});
