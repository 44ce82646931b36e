/** Every claim is measured by an experiment there is, in a cell it has, by a metric the cell asks for. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Claim, paperOf, termsOf } from '../../src/papers/index.ts';
import { loadExperiment } from '../../src/spec/index.ts';
import { baseOf } from '../../src/stats/index.ts';
import type { CellExperiment } from '../../src/types/experiment.ts';

const FOLDER = 'topologies/mml';
const paper = paperOf('mml')!;
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const experiments = new Map<string, CellExperiment[]>();
for (const file of files) {
  const { cells, name } = await loadExperiment(join(FOLDER, file));
  expect(name).toBe(basename(file, '.yaml'));
  experiments.set(name, cells);
}

const fits = ({ values }: CellExperiment, wanted: Record<string, unknown>): boolean =>
  Object.entries(wanted).every(([key, value]) => values[key] === value);

describe.each(paper.claims.map((claim): [string, Claim] => [claim.id, claim]))('%s', (_id, claim) => {
  it('names its experiment, and cells and metrics of it', () => {
    const own = experiments.get(claim.experiment);
    expect(own?.every((cell) => cell.paper === paper.id)).toBe(true);
    for (const { metric, cell: wanted, experiment } of claim.readings.flatMap(({ expression }) => termsOf(expression))) {
      const cells = experiments.get(experiment ?? claim.experiment)!.filter((cell) => fits(cell, wanted));
      expect(cells, JSON.stringify(wanted)).toHaveLength(1);
      const [base, first = ''] = [baseOf(metric), metric.split('.')[1]];
      expect(cells[0]!.measure).toContain(base);
      const names = base === 'stages' ? cells[0]!.nodes : cells[0]!.flows;
      expect(names.map(({ name }) => name)).toContain(first);
    }
  });

  it('has a place, conditions, and a note where nothing here measures it', () => {
    for (const text of [claim.text, claim.source, claim.conditions, claim.comparable]) expect(text).not.toBe('');
    if (claim.readings.length > 1) expect(claim.readings.every(({ as }) => as !== undefined)).toBe(true);
  });
});

it('has no two claims of one name, and contradictions only of claims there are', () => {
  const ids = paper.claims.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { claims } of paper.contradictions) expect(ids).toEqual(expect.arrayContaining([...claims]));
});

it('has something of every experiment in the folder', () => {
  for (const name of experiments.keys()) expect(paper.claims.map(({ experiment }) => experiment)).toContain(name);
});
