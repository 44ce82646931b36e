/** Other handovers than the main one, each once in the guest: a new address, a prepared second interface, IPv6. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Summary } from '../../src/types/run.ts';
import { ROOT, roamlab, scratchFolder } from './cli.ts';

test.each(['topologies/e2e/mobike-mobility.yaml', 'test/lab/soft.yaml', 'test/lab/ipv6.yaml'])('%s gives valid runs', async (file) => {
  const out = join(scratchFolder(), 'out');
  const { code, stdout, stderr } = await roamlab(['run', join(ROOT, file), '--runs', '1', '--backend', 'vm', '--json', '--out', out]);
  expect(code, stderr).toBe(0);
  for (const cell of (JSON.parse(stdout) as Summary).cells) {
    expect(cell, cell.cell).toMatchObject({ valid: 1, invalid: [], nullQuiet: true });
    const median = (name: string) => cell.metrics.find((m) => m.metric === name)?.quartiles?.median ?? Number.NaN;
    // ROAM_DELAY, and not much more: the measured event is the loss, not its preparation
    expect(median('T_SYS')).toBeGreaterThan(0.1);
    expect(median('T_SYS')).toBeLessThan(0.15);
    expect(median('T_RC')).toBeGreaterThan(0);
    expect(median('T_UPDATE')).toBeGreaterThan(0);
    expect(median('T_STALLED.down')).toBeGreaterThan(0.1);
  }
});
