import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runFoldersOf } from '../../src/compare/resolve.ts';
import { cellFolder } from '../../src/report/index.ts';
import { scratchFolder } from './folders.ts';

const ODD = 'access=5 GHz/far';
let root: string;
const at = (...path: string[]): string => join(root, ...path);

beforeAll(async () => {
  root = await scratchFolder();
  const runs = ['one/cells/all/run-001', 'one/cells/all/run-002', 'one/cells/all/null-001', 'two/cells/all/run-001'];
  const cells = ['many/cells/near/run-001', `many/cells/${cellFolder({ cell: ODD })}/run-001`];
  for (const run of [...runs, ...cells, 'copy']) {
    await mkdir(at(run), { recursive: true });
    await writeFile(at(run, 'run.json'), '{}');
  }
  await rm(at('one/cells/all/run-002/run.json'));
  await mkdir(at('fresh/cells'), { recursive: true });
  await mkdir(at('nothing'));
});

describe('which two runs', () => {
  it('run folders are taken as they are, a damaged one too', async () => {
    const pair = [at('one/cells/all/run-002'), at('copy')] as const;
    expect(await runFoldersOf(...pair, {})).toEqual(pair);
  });

  it('the same run of two results folders, the null run by its name', async () => {
    expect(await runFoldersOf(at('one'), at('two'), { run: 1 })).toEqual([at('one/cells/all/run-001'), at('two/cells/all/run-001')]);
    expect(await runFoldersOf(at('one'), at('one'), { run: 'null', cell: 'all' })).toEqual(Array(2).fill(at('one/cells/all/null-001')));
  });

  it('a results folder beside a run folder means the same run', async () => {
    expect(await runFoldersOf(at('one/cells/all/run-001'), at('two'), {})).toEqual([
      at('one/cells/all/run-001'),
      at('two/cells/all/run-001'),
    ]);
    expect(await runFoldersOf(at('one'), at('copy'), { run: 2 })).toEqual([at('one/cells/all/run-002'), at('copy')]);
  });

  it('a cell by its own name, whatever its folder is called', async () => {
    const folder = at('many/cells', cellFolder({ cell: ODD }), 'run-001');
    expect(await runFoldersOf(at('many'), at('many'), { run: 1, cell: ODD })).toEqual([folder, folder]);
  });

  it.each([
    ['no run named', 'one', 'two', {}, 'E_COMPARE_RUN', 'which run?', '--run with one of: 1, 2, null'],
    ['a run that is not there', 'two', 'two', { run: 2 }, 'E_COMPARE_RUN', 'no run-002', '--run with one of: 1'],
    ['no cell named', 'many', 'many', { run: 1 }, 'E_CELL', 'which cell?', `cells: ${cellFolder({ cell: ODD })}, near`],
    ['a cell that is not there', 'one', 'one', { run: 1, cell: 'x' }, 'E_CELL', 'no cell "x"', 'cells: all'],
    ['a way out of the folder', 'one', 'one', { run: 1, cell: '../..' }, 'E_CELL', 'no cell "../.."', 'cells: all'],
    ['no runs yet', 'fresh', 'one', { run: 1 }, 'E_CELL', 'no runs', 'it has no runs'],
    [
      'a choice where there is none',
      'copy',
      'copy',
      { run: 1 },
      'E_COMPARE_RUN',
      expect.stringContaining('both are run folders'),
      'leave out --run and --cell',
    ],
    ['a path that is not there', 'one', 'gone', { run: 1 }, 'E_FILE_MISSING', expect.anything(), undefined],
    ['a file', 'copy/run.json', 'copy', {}, 'E_FOLDER_READ', expect.anything(), undefined],
    ['a folder of something else', 'nothing', 'copy', {}, 'E_FOLDER_READ', expect.anything(), undefined],
  ])('%s', async (_, a, b, selection, code, message, hint) => {
    await expect(runFoldersOf(at(a), at(b), selection)).rejects.toMatchObject({ code, exit: 2, message, hint });
  });
});
