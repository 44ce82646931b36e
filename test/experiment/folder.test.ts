import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId, plannedRuns, ResultsFolder } from '../../src/experiment/folder.ts';
import { cellFolder } from '../../src/report/index.ts';
import { loadExperiment } from '../../src/spec/index.ts';
import type { ExperimentRecord } from '../../src/types/run.ts';
import { cell } from '../metrics/build.ts';
import { experiment } from '../report/build.ts';

const named = (name: string) => cell({ cell: name });

describe('plannedRuns', () => {
  const cells = [named('access=a'), named('access=b')];
  const short = plannedRuns(cells, 2, 7);

  test('null runs first, then the runs of all cells in turn', () => {
    expect(short.map((r) => r.folder)).toEqual([
      'cells/access=a/null-001',
      'cells/access=b/null-001',
      'cells/access=a/run-001',
      'cells/access=b/run-001',
      'cells/access=a/run-002',
      'cells/access=b/run-002',
    ]);
    expect(short.map((r) => [r.run, r.nullEvent])).toEqual([...[1, 1].map((n) => [n, true]), ...[1, 1, 2, 2].map((n) => [n, false])]);
  });

  test('run K has its seed whatever else is run', () => {
    const long = plannedRuns([named('access=c'), ...cells], 50, 7);
    for (const run of short) expect(long.find((r) => r.folder === run.folder)!.seed).toBe(run.seed);
  });

  test('every run has a seed of its own, and another experiment seed changes them all', () => {
    const seeds = (seed: number) => plannedRuns(cells, 50, seed).map((r) => r.seed);
    const all = [1, 2, 3, 10].flatMap(seeds);
    expect(new Set(all).size).toBe(all.length);
  });

  test('without events there is nothing a null run would leave out', () => {
    expect(plannedRuns([cell({ timeline: [] })], 2, 1).map((r) => r.nullEvent)).toEqual([false, false]);
  });
});

describe('cellFolder', () => {
  test.each(['all', 'access=lab-ethernet', 'a=1,b=2.5,c=x_y'])('%s stays as it is', (name) => {
    expect(cellFolder(named(name))).toBe(name);
  });

  const awkward = [
    '..',
    '.',
    '',
    'a/../../b',
    '/etc',
    'loss=1%',
    'loss=1+',
    'loss=1_',
    'ü=1',
    'x\0y',
    'a b',
    '-',
    `${'x'.repeat(120)}`,
    `${'x'.repeat(120)}_2`,
  ];
  test('anything else becomes one plain path component, never the same for two cells', () => {
    const folders = awkward.map((name) => cellFolder(named(name)));
    for (const folder of folders) expect(folder).toMatch(/^[\w=,.-]*\w[\w=,.-]*$/);
    for (const folder of folders) expect(folder.length).toBeLessThan(120);
    expect(new Set(folders).size).toBe(awkward.length);
    expect(folders).not.toContain('..');
  });
});

test('an id sorts by time and is safe in a path', () => {
  expect(newId(new Date('2026-03-04T05:06:07.890Z'))).toBe('20260304-050607');
});

describe('ResultsFolder', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'roamlab-results-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const { record } = experiment();

  describe('an existing folder must hold', () => {
    const same = (changed: Partial<ExperimentRecord>) => () =>
      new ResultsFolder(root).requireSame({ ...record, ...changed }, record.cells, record.seed, record.provenance);
    const { provenance } = record;

    test('the same experiment', () => {
      expect(same({})).not.toThrow();
      expect(same({ runs: record.runs + 5, started: 'earlier', id: 'other' })).not.toThrow();
    });

    test.each<[string, Partial<ExperimentRecord>]>([
      ['the resolved experiment', { cells: [cell({ duration: 99 })] }],
      ['the seed', { seed: record.seed + 1 }],
      ['the backend', { provenance: { ...provenance, backend: provenance.backend === 'vm' ? 'netns' : 'vm' } }],
      ['the clock', { provenance: { ...provenance, clock: provenance.clock === 'real' ? 'virtual' : 'real' } }],
      ['the kernel', { provenance: { ...provenance, kernel: '1.0' } }],
      ['strongSwan', { provenance: { ...provenance, strongswan: '1.0' } }],
    ])('%s', (what, changed) => {
      expect(same(changed)).toThrow(
        expect.objectContaining({
          code: 'E_OUT_EXISTS',
          exit: 2,
          message: `${root} holds results of another experiment (${what} differs)`,
          hint: expect.stringContaining('--out'),
        }),
      );
    });
  });

  test('begin writes the source, the record and one plan per cell', async () => {
    const loaded = await loadExperiment('topologies/e2e/mobike-mobility.yaml');
    const folder = new ResultsFolder(join(root, 'new/out'));
    expect(folder.existing()).toBeNull();
    const planned = plannedRuns(loaded.cells, 2, 1);
    folder.begin(loaded, { ...record, cells: loaded.cells }, planned);
    expect(folder.existing()).toEqual(JSON.parse(JSON.stringify({ ...record, cells: loaded.cells })));
    expect(readFileSync(join(folder.path, 'experiment.yaml'), 'utf8')).toBe(readFileSync('topologies/e2e/mobike-mobility.yaml', 'utf8'));
    expect(readFileSync(join(folder.path, 'plan.txt'), 'utf8').match(/^#!\/bin\/sh$/gm)).toHaveLength(2);
  });

  test('the script for Wireshark comes with results in which a connection speaks MOBIKE-X', async () => {
    const loaded = await loadExperiment('topologies/e2e/mobike-mobility.yaml');
    const home = cell().ipsec[0]!;
    const shipped = (name: string, mobility: (typeof home)['mobility']) => {
      const folder = new ResultsFolder(join(root, name));
      folder.begin(loaded, { ...record, cells: [cell(), cell({ ipsec: [home, { ...home, mobility }] })] }, []);
      return readdirSync(folder.path).includes('mobikex.lua') && readFileSync(join(folder.path, 'mobikex.lua'), 'utf8');
    };
    expect(shipped('plain', 'mobike')).toBe(false);
    expect(shipped('paths', 'mobikex')).toBe(readFileSync('images/wireshark/mobikex.lua', 'utf8'));
  });

  test('a record that is not JSON is refused with its path', () => {
    writeFileSync(join(root, 'experiment.json'), '{');
    expect(() => new ResultsFolder(root).existing()).toThrow(
      expect.objectContaining({ code: 'E_FOLDER_READ', exit: 2, where: join(root, 'experiment.json') }),
    );
  });

  test.each(['null', '[]', '{"cells": []}', '{"cells": [], "provenance": null}'])(
    'a record that says %s is refused, not overwritten',
    (text) => {
      writeFileSync(join(root, 'experiment.json'), text);
      expect(() => new ResultsFolder(root).existing()).toThrow(expect.objectContaining({ code: 'E_FOLDER_READ', exit: 2 }));
    },
  );

  describe('somewhere results cannot go', () => {
    const refused = (where: string) => expect.objectContaining({ code: 'E_OUT', exit: 2, where });

    test('a file, below a file, and a link to nowhere are refused before anything is written', () => {
      writeFileSync(join(root, 'file'), 'mine');
      symlinkSync(join(root, 'nowhere'), join(root, 'link'));
      expect(() => new ResultsFolder(join(root, 'file')).prepare()).toThrow(refused(join(root, 'file')));
      expect(() => new ResultsFolder(join(root, 'file/a/b')).prepare()).toThrow(refused(join(root, 'file')));
      expect(() => new ResultsFolder(join(root, 'link/a')).prepare()).toThrow(refused(join(root, 'link')));
      expect(() => new ResultsFolder(join(root, 'x'.repeat(300))).prepare()).toThrow(refused(join(root, 'x'.repeat(300))));
      expect(readFileSync(join(root, 'file'), 'utf8')).toBe('mine');
    });

    test('a new or an existing folder is fine and stays as it is', () => {
      new ResultsFolder(join(root, 'a/b/c')).prepare();
      new ResultsFolder(root).prepare();
      expect(readdirSync(root)).toEqual([]);
    });

    test('what comes in between is named by begin', async () => {
      const loaded = await loadExperiment('topologies/e2e/mobike-mobility.yaml');
      writeFileSync(join(root, 'file'), '');
      mkdirSync(join(root, 'out/plan.txt'), { recursive: true });
      const begin = (path: string) => () => new ResultsFolder(path).begin(loaded, { ...record, cells: loaded.cells }, []);
      expect(begin(join(root, 'file'))).toThrow(refused(join(root, 'file')));
      expect(begin('/proc/a/b')).toThrow(refused('/proc/a'));
      expect(begin(join(root, 'out'))).toThrow(refused(join(root, 'out/plan.txt')));
    });
  });

  test('a run is finished when its record is there; discard removes what an interrupted one left', () => {
    const folder = new ResultsFolder(root);
    const [run] = plannedRuns([named('all')], 1, 1);
    const path = join(root, run!.folder);
    mkdirSync(join(path, 'pcap'), { recursive: true });
    expect(folder.finished(run!)).toBe(false);
    writeFileSync(join(path, 'run.json'), '{}');
    expect(folder.finished(run!)).toBe(true);
    folder.discard(run!);
    expect([existsSync(path), existsSync(join(root, 'cells/all'))]).toEqual([false, true]);
  });
});
