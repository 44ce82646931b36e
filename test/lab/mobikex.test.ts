/** MOBIKE-X between real charons: soft handovers lose nothing, and whoever does not know it gets plain MOBIKE. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunFacts, RunRecord, Summary } from '../../src/types/run.ts';
import { ROOT, roamlab, scratchFolder } from './cli.ts';

const RUNS = 2;

async function carryOut(file: string, runs: number): Promise<{ out: string; summary: Summary }> {
  const out = join(scratchFolder(), 'out');
  const { code, stdout, stderr } = await roamlab(['run', join(ROOT, 'test/lab', file), '--runs', String(runs), '--json', '--out', out]);
  expect(code, stderr).toBe(0);
  return { out, summary: JSON.parse(stdout) as Summary };
}

const read = <T>(out: string, cell: string, run: string, file: string): T =>
  JSON.parse(readFileSync(join(out, 'cells', cell, run, file), 'utf8')) as T;

describe('ten switches back and forth at 1000 packets/s and 15 ms', () => {
  test.each(['switches-tunnel.yaml', 'switches-transport.yaml', 'switches-ipv6.yaml'])(
    '%s: nothing is lost, doubled or refused',
    async (file) => {
      const { out, summary } = await carryOut(file, RUNS);
      expect(summary.cells[0]).toMatchObject({ valid: RUNS, invalid: [] });
      expect(summary.provenance.patched).toMatch(/^6\.1\.0 with 12 patches|^5\.9\.8 with /);
      for (let i = 1; i <= RUNS; i++) {
        const facts = read<RunFacts>(out, 'all', `run-00${i}`, 'facts.json');
        for (const [name, flow] of Object.entries(facts.flows)) {
          expect(flow, name).toMatchObject({ lost: 0, duplicated: 0, reordered: 0 });
          expect(flow.received, name).toBeGreaterThan(3900);
        }
        expect(read<RunRecord>(out, 'all', `run-00${i}`, 'run.json').xfrmErrors).toEqual({ mn: {}, sgw: {} });
        const log = readFileSync(join(out, 'cells/all', `run-00${i}`, 'log/charon-sgw.log'), 'utf8');
        expect(log.match(/MOBIKEX t=\d{19} ev=POL_SWITCH path=[01] /g)).toHaveLength(10);
      }
    },
  );
});

test('all four combinations of stock and patched charons hand over; the patched one says which protocol it is', async () => {
  const { out, summary } = await carryOut('fallback-tunnel.yaml', 1);
  expect(summary.cells.map(({ cell, valid }) => [cell, valid])).toEqual([
    ['mn=stock,sgw=stock', 1],
    ['mn=stock,sgw=patched', 1],
    ['mn=patched,sgw=stock', 1],
    ['mn=patched,sgw=patched', 1],
  ]);
  const log = (cell: string) => readFileSync(join(out, 'cells', cell, 'run-001/log/charon-mn.log'), 'utf8');
  expect(log('mn=patched,sgw=stock')).toContain('peer does not support MOBIKE-X, using MOBIKE');
  expect(log('mn=patched,sgw=patched')).toContain('peer supports MOBIKE-X with up to 4 paths');
  for (const { cell } of summary.cells) {
    expect(read<RunFacts>(out, cell, 'run-001', 'facts.json').metrics.T_UPDATE, cell).toBeGreaterThan(0.015);
  }
  // the guest of a cell without patched nodes is the experiment's all the same
  const again = await roamlab(['replay', out, '--run', '1', '--cell', 'mn=stock,sgw=stock']);
  expect(again.stdout, again.stderr).toMatch(/^identical/);
});

test('a path that the peer’s policy refuses ends the run, nothing moves, and the logs of both sides say why', async () => {
  const out = join(scratchFolder(), 'out');
  const { code, stdout } = await roamlab(['run', join(ROOT, 'test/lab/refused.yaml'), '--json', '--out', out]);
  expect(code).toBe(1);
  const reasons = (JSON.parse(stdout) as Summary).cells[0]?.invalid.flatMap((run) => run.reasons).join('\n');
  expect(reasons).toContain('host: the path from 10.2.0.2 is gone before it was ready');
  const log = (node: string) => readFileSync(join(out, 'cells/all/run-001/log', `charon-${node}.log`), 'utf8');
  expect(log('sgw')).toMatch(/MOBIKEX t=\d+ ev=REFUSE /);
  expect(log('mn')).toMatch(/ev=PATH_REMOVE path=1 /);
  expect(log('mn') + log('sgw')).not.toContain('POL_SWITCH');
});
