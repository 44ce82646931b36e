/** `only:` entries exist in some cells of the matrix. What is left of the file in one cell, and what no cell has. */
import { suggest } from './did-you-mean.ts';
import type { Cell } from './matrix.ts';
import { type Path, pathKey, type Report } from './problem.ts';
import type { ExperimentFile } from './schema/experiment.ts';
import type { FileOnly } from './schema/fields.ts';
import type { FileEvent } from './schema/timeline.ts';

/** The file as one cell sees it. */
export interface Selection {
  file: ExperimentFile;
  /** events with their places in the file's list */
  events: [index: number, event: FileEvent][];
}

export class Only {
  /** variable -> the values it takes, as text */
  readonly #values = new Map<string, Set<string>>();
  /** entries no cell has had yet */
  readonly #missing = new Map<string, Path>();
  readonly #had = new Set<string>();

  constructor(cells: readonly Cell[]) {
    for (const name of Object.keys(cells[0] ?? {})) this.#values.set(name, new Set(cells.map((cell) => String(cell[name]))));
  }

  /** What exists in the cell; null after a report: what else is wrong would be a consequence. */
  select(file: ExperimentFile, cell: Cell, report: Report): Selection | null {
    let sound = true;
    const has = (entry: { only?: FileOnly }, path: Path): boolean => {
      if (entry.only === undefined) return true;
      if (!this.#check(entry.only, [...path, 'only'], report)) sound = false;
      else return this.#note(path, matches(entry.only, cell));
      return false;
    };
    const named = <T extends { only?: FileOnly }>(key: 'flows' | 'ipsec', entries: Record<string, T>): Record<string, T> =>
      Object.fromEntries(Object.entries(entries).filter(([name, entry]) => has(entry, [key, name])));
    const [ipsec, flows] = [named('ipsec', file.ipsec), named('flows', file.flows)];
    const nodes = Object.fromEntries(
      Object.entries(file.nodes).map(([name, node]) => {
        const { snoop, ...rest } = node;
        return [name, snoop === undefined || has(snoop, ['nodes', name, 'snoop']) ? node : rest];
      }),
    );
    const events = [...file.timeline.entries()].filter(([index, event]) => has(event, ['timeline', index]));
    return sound ? { file: { ...file, nodes, ipsec, flows, timeline: events.map(([, event]) => event) }, events } : null;
  }

  /** Entries that none of the cells selected so far has. */
  reportMissing(report: Report): void {
    for (const path of this.#missing.values()) {
      const hint = 'its values never come together: change "only", or the matrix';
      report([...path, 'only'], { code: 'E_SPEC_ONLY', message: 'no cell has this entry', at: 'key', got: 'only', hint });
    }
  }

  #note(path: Path, matched: boolean): boolean {
    const key = pathKey(path);
    if (matched) {
      this.#had.add(key);
      this.#missing.delete(key);
    } else if (!this.#had.has(key)) this.#missing.set(key, path);
    return matched;
  }

  #check(wanted: NonNullable<FileOnly>, path: Path, report: Report): boolean {
    let sound = true;
    const fail: Report = (where, problem) => {
      sound = false;
      report(where, problem);
    };
    if (Object.keys(wanted).length === 0) fail(path, { code: 'E_SPEC_ONLY', message: '"only" names no variable', hint: 'remove it' });
    for (const [name, values] of Object.entries(wanted)) {
      const known = this.#values.get(name);
      if (known === undefined) {
        const hint = this.#values.size === 0 ? 'this file has no matrix' : suggest(name, this.#values.keys());
        fail([...path, name], {
          code: 'E_SPEC_MATRIX_UNKNOWN',
          message: `the matrix has no variable "${name}"`,
          at: 'key',
          got: name,
          hint,
        });
        continue;
      }
      for (const [where, value] of Array.isArray(values)
        ? values.map((one, i) => [[...path, name, i], one] as const)
        : [[[...path, name], values] as const]) {
        if (known.has(String(value))) continue;
        fail(where, { code: 'E_SPEC_ONLY', message: `"${name}" is never ${String(value)}`, hint: suggest(String(value), known) });
      }
    }
    return sound;
  }
}

function matches(wanted: NonNullable<FileOnly>, cell: Cell): boolean {
  return Object.entries(wanted).every(([name, values]) => [values].flat().some((value) => String(value) === String(cell[name])));
}
