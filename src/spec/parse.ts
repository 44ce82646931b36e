/**
 * The loader without the file system: text in, every cell of the experiment out, or one SpecError that lists all
 * problems. Steps: YAML to plain values, matrix to cells, references filled in, schema, then what a schema cannot say.
 */
import type { CellExperiment } from '../types/experiment.ts';
import { featuresOf } from './features.ts';
import { SpecError, type SpecIssue, show } from './issue.ts';
import { type Cell, cellNames, expandMatrix, references, substitute, unknownReferences } from './matrix.ts';
import { checkMeasurable } from './measurable.ts';
import { Only } from './only.ts';
import { type Path, type Problem, pathKey, type Report } from './problem.ts';
import { repair } from './repair.ts';
import { resolveCell } from './resolve/cell.ts';
import { type ExperimentFile, experiment, GLOBAL_KEYS, instructionsPerSecond } from './schema/experiment.ts';
import { readSource, type Source } from './source.ts';
import { at, zodProblems } from './zod-problems.ts';

export interface LoadedExperiment {
  /** as given by the caller */
  file: string;
  /** the text, for the run folder */
  source: string;
  name: string;
  title?: string;
  description?: string;
  runs: number;
  seed: number;
  clock: 'auto' | 'real' | 'virtual';
  /** instructions per virtual second */
  cpuRate: number;
  backend: 'auto' | 'netns' | 'vm';
  /** what the kernel must offer (features.ts) */
  features: string[];
  cells: CellExperiment[];
}

/** The value as written; for a path into a short form (`eth1: 10.1.0.2/24` has no `.address`), the short form. */
function writtenAt(root: unknown, path: Path): unknown {
  for (let length = path.length; length > 0; length--) {
    const value = at(root, path.slice(0, length));
    if (value !== undefined) return length === path.length || typeof value !== 'object' ? value : undefined;
  }
  return undefined;
}

/** Problems of all cells, each once, with the cells they occur in. */
class Collector {
  readonly #found = new Map<string, { problem: Problem; cells: string[] }>();

  in(cell: string): Report {
    return (path, rest) => {
      const key = `${pathKey(path)} ${rest.code} ${rest.message}`;
      const entry = this.#found.get(key);
      if (entry === undefined) this.#found.set(key, { problem: { ...rest, path }, cells: [cell] });
      else entry.cells.push(cell);
    };
  }

  get empty(): boolean {
    return this.#found.size === 0;
  }

  /** A problem that some cells do not have, or whose value came from the matrix, names the first cell it occurs in. */
  issues(source: Source, total: number): SpecIssue[] {
    return [...this.#found.values()].map(({ problem, cells }) => {
      const written = writtenAt(source.root, problem.path);
      const varies = total > 1 && cells[0] !== '' && (new Set(cells).size < total || references(written).length > 0);
      const got = problem.got ?? written;
      return {
        code: problem.code,
        ...source.locate(problem.path, problem.at ?? 'value'),
        path: problem.path.join('.'),
        message: varies ? `${problem.message} (in cell ${cells[0]})` : problem.message,
        got: got === undefined ? undefined : show(got),
        hint: problem.hint,
      };
    });
  }
}

function checkGlobals(root: Record<string, unknown>, report: Report): void {
  for (const key of GLOBAL_KEYS) {
    if (!Object.hasOwn(root, key) || references(root[key]).length === 0) continue;
    const hint = 'cells share it';
    report([key], { code: 'E_SPEC_MATRIX_SCOPE', message: `"${key}" cannot depend on the matrix`, hint });
  }
}

/** What the file says in this cell; with reported problems, what is left of it to look at further, if anything. */
function validate(root: Record<string, unknown>, cell: Cell, report: Report): ExperimentFile | null {
  const { matrix: _, ...rest } = root;
  const filled = substitute(rest, cell);
  const result = experiment.safeParse(filled);
  if (result.success) return result.data;
  const problems = zodProblems(filled, result.error.issues);
  for (const { path, ...problem } of problems) report(path, problem);
  const mended = repair(filled, problems);
  return mended === null ? null : (experiment.safeParse(mended).data ?? null);
}

/**
 * Pure: no file is touched. `file` is only a name for messages. Throws SpecError (exit 2) whose `code` is `E_SPEC_...`
 * of the only kind of problem, or `E_SPEC_INVALID`.
 */
export function parseExperiment(text: string, file: string): LoadedExperiment {
  const source = readSource(text, file);
  const root = source.root as Record<string, unknown>;
  const collector = new Collector();
  const general = collector.in('');
  const cells = expandMatrix(Object.hasOwn(root, 'matrix') ? root.matrix : undefined, source.size, general);
  checkGlobals(root, general);
  if (cells !== null) {
    const first = cells[0]!;
    unknownReferences(root, [], Object.keys(first), general);
  }
  // Without cells or with unknown references every further message would be a consequence.
  if (cells === null || !collector.empty) throw new SpecError(file, text, collector.issues(source, 1));

  const names = cellNames(cells);
  const files = cells.map((cell, index) => validate(root, cell, collector.in(names[index]!)));
  const only = new Only(cells);
  const resolved = files.flatMap((one, index) => {
    const report = collector.in(names[index]!);
    const selection = one === null ? null : only.select(one, cells[index]!, report);
    if (one === null || selection === null) return [];
    return resolveCell(one, selection, names[index]!, cells[index]!, report) ?? [];
  });
  if (files.every((one) => one !== null)) {
    only.reportMissing(general);
    checkMeasurable(files, general);
  }
  if (!collector.empty) throw new SpecError(file, text, collector.issues(source, cells.length));

  const { name, title, description, runs, seed, clock, cpuRate, backend } = files[0]!;
  return {
    file,
    source: text,
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    runs,
    seed,
    clock,
    cpuRate: instructionsPerSecond(cpuRate),
    backend,
    features: featuresOf(resolved),
    cells: resolved,
  };
}
