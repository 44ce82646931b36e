/**
 * The main job on real kernels: the multihoming experiment through the command line, then the same captures seen by
 * tshark, and the captures held against the receivers' own logs.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CellSummary, RunFacts, Summary } from '../../src/types/run.ts';
import { type Finished, ROOT, roamlab } from './cli.ts';
import { tsharkTimes } from './tshark.ts';

const EXPERIMENT = join(ROOT, 'topologies/e2e/mobike-multihoming.yaml');
const RUNS = 2;
const out = mkdtempSync(join(tmpdir(), 'roamlab-test-'));
let finished: Finished;
let summary: Summary;

beforeAll(async () => {
  finished = await roamlab(['run', EXPERIMENT, '--runs', String(RUNS), '--backend', 'vm', '--json', '--out', out]);
  expect(finished.code, finished.stderr).toBe(0);
  summary = JSON.parse(finished.stdout) as Summary;
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

const eachRun = (): { folder: string; facts: RunFacts }[] =>
  summary.cells.flatMap((cell) =>
    Array.from({ length: RUNS }, (_, i) => {
      const folder = join(out, 'cells', cell.cell, `run-00${i + 1}`);
      return { folder, facts: JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8')) as RunFacts };
    }),
  );
const metric = (cell: CellSummary, name: string) => cell.metrics.find((m) => m.metric === name);

describe('mobike-multihoming in the guest', () => {
  test('every run is valid and has every metric', () => {
    expect(summary.cells.map((c) => c.cell)).toEqual(['access=lab-ethernet', 'access=public-hotspot']);
    for (const cell of summary.cells) {
      expect(cell.invalid).toEqual([]);
      expect(cell.valid).toBe(RUNS);
      for (const name of ['T_IKE', 'T_SYS', 'T_RC', 'T_UPDATE', 'T_STALLED.up', 'T_STALLED.down', 'T_SWITCH.down']) {
        expect(metric(cell, name)?.quartiles?.n, `${cell.cell} ${name}`).toBe(RUNS);
      }
      expect(metric(cell, 'loss.down')?.quartiles?.min).toBeGreaterThan(0);
    }
  });

  test('the null event reports no outage', () => {
    for (const cell of summary.cells) {
      expect(cell.nullRuns).toBe(1);
      expect(cell.nullQuiet).toBe(true);
      // an undisturbed flow at 200 packets/s pauses for 5 ms between packets
      expect(metric(cell, 'T_STALLED.down')?.floor).toBeGreaterThan(0.005);
      expect(metric(cell, 'T_STALLED.down')?.floor).toBeLessThan(0.0075);
      expect(metric(cell, 'loss.down')?.floor).toBe(0);
    }
  });

  test('the handover is as long as its parts', () => {
    // stock charon waits 100 ms (ROAM_DELAY) before it reacts; the path probe and the update need a round trip each
    for (const cell of summary.cells) {
      const median = (name: string) => metric(cell, name)?.quartiles?.median ?? Number.NaN;
      const rtt = cell.cell.includes('hotspot') ? 0.015 : 0.0007;
      expect(median('T_SYS')).toBeGreaterThan(0.1);
      expect(median('T_RC')).toBeGreaterThan(rtt);
      expect(median('T_UPDATE')).toBeGreaterThan(rtt);
      expect(median('T_STALLED.down')).toBeGreaterThan(0.1 + rtt);
    }
  });

  test('tshark reads the same T_RC, T_UPDATE and T_STALLED from the same captures and keys, to 1 microsecond', async () => {
    for (const { folder, facts } of eachRun()) {
      const seen = await tsharkTimes(folder);
      expect(Math.abs(seen.rc - (facts.metrics.T_RC ?? Number.NaN)), `${folder} T_RC`).toBeLessThan(1e-6);
      expect(Math.abs(seen.update - (facts.metrics.T_UPDATE ?? Number.NaN)), `${folder} T_UPDATE`).toBeLessThan(1e-6);
      expect(Math.abs(seen.stalled - (facts.metrics['T_STALLED.down'] ?? Number.NaN)), `${folder} T_STALLED`).toBeLessThan(1e-6);
    }
  });

  test('captures and receivers tell the same story', () => {
    for (const { facts } of eachRun()) {
      expect(facts.gates.find((g) => g.name === 'receiver-log')).toMatchObject({ ok: true });
      for (const flow of Object.values(facts.flows)) {
        expect(flow.received + flow.lost).toBe(flow.sent);
        expect(flow.duplicated).toBe(0);
      }
    }
  });

  test('analyze computes the same summary again from the files alone', async () => {
    const again = await roamlab(['analyze', out, '--json', '--quiet']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(summary);
  });

  test('the same folder given again runs nothing and ends the same', async () => {
    const again = await roamlab(['run', EXPERIMENT, '--runs', String(RUNS), '--backend', 'vm', '--json', '--out', out]);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain('6 of them already done');
    expect(JSON.parse(again.stdout).cells).toEqual(summary.cells);
  });
});
