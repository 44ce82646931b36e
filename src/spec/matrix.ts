/**
 * The matrix: named lists of values, and one cell for each combination. `"${name}"` in any scalar below stands for
 * the cell's value; a scalar that is nothing but the reference keeps the value's type. Values may refer to other variables.
 */
import { suggest } from './did-you-mean.ts';
import { MAX_CELL_VALUES, MAX_CELLS } from './limits.ts';
import { isPrototypeName } from './names.ts';
import type { Path, Report } from './problem.ts';

export type Scalar = string | number | boolean;
export type Cell = Record<string, Scalar>;

const REFERENCE = /\$\{([^}]*)\}/g;

export function references(value: unknown): string[] {
  return typeof value === 'string' ? [...value.matchAll(REFERENCE)].map((match) => match[1]!) : [];
}

/** Replaces references to the cell's variables; unknown ones are left alone (they are reported by `unknownReferences`). */
export function substitute(value: unknown, cell: Cell): unknown {
  if (typeof value === 'string' && value.includes('${')) {
    const whole = /^\$\{([^}]*)\}$/.exec(value);
    if (whole !== null && Object.hasOwn(cell, whole[1]!)) return cell[whole[1]!];
    return value.replace(REFERENCE, (text, name: string) => (Object.hasOwn(cell, name) ? String(cell[name]) : text));
  }
  if (Array.isArray(value)) return value.map((item) => substitute(item, cell));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, cell)]));
  }
  return value;
}

/** Reports every reference to a variable the matrix does not have. */
export function unknownReferences(value: unknown, path: Path, known: string[], report: Report): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) unknownReferences(item, [...path, index], known, report);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (path.length > 0 || key !== 'matrix') unknownReferences(item, [...path, key], known, report);
    }
  } else if (typeof value === 'string' && value.includes('${')) {
    for (const name of references(value)) {
      if (known.includes(name)) continue;
      const hint = known.length === 0 ? 'this file has no matrix' : suggest(name, known);
      report(path, { code: 'E_SPEC_MATRIX_UNKNOWN', message: `the matrix has no variable "${name}"`, hint });
    }
    if (value.replace(REFERENCE, '').includes('${')) {
      report(path, { code: 'E_SPEC_MATRIX_REFERENCE', message: 'a reference that does not end', hint: 'a closing brace is missing' });
    }
  }
}

function checkVariable(name: string, values: unknown, report: Report): values is Scalar[] {
  const path = ['matrix', name];
  const before = { failed: false };
  const fail: Report = (where, problem) => {
    before.failed = true;
    report(where, problem);
  };
  if (!/^[a-z][a-zA-Z0-9_-]{0,31}$/.test(name) || isPrototypeName(name)) {
    const hint = 'a lower-case letter, then letters, digits, dashes or underscores';
    fail(path, { code: 'E_SPEC_NAME', message: 'not a usable variable name', at: 'key', got: name, hint });
  }
  if (!Array.isArray(values)) {
    fail(path, { code: 'E_SPEC_TYPE', message: 'expected a list of values', hint: `${name}: [first, second]` });
    return false;
  }
  if (values.length === 0) {
    fail(path, { code: 'E_SPEC_MATRIX_EMPTY', message: `"${name}" has no values`, hint: 'no value, no cell: give it one or remove it' });
  }
  const seen = new Set<unknown>();
  for (const [index, value] of values.entries()) {
    if (value === null || typeof value === 'object') {
      fail([...path, index], { code: 'E_SPEC_TYPE', message: 'expected a string, number or truth value' });
    } else if (seen.has(String(value))) {
      fail([...path, index], {
        code: 'E_SPEC_MATRIX_DUPLICATE',
        message: 'this value is listed twice',
        hint: 'its cells would be the same',
      });
    }
    seen.add(String(value));
  }
  return !before.failed;
}

/** Variables in an order in which each comes after those its values refer to; null (and a report) for a cycle. */
function ordered(matrix: Record<string, Scalar[]>, report: Report): string[] | null {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  let cyclic = false;
  const visit = (name: string, trail: string[]): void => {
    if (state.get(name) === 'done') return;
    state.set(name, 'open');
    for (const [index, value] of matrix[name]!.entries()) {
      for (const next of references(value)) {
        if (!Object.hasOwn(matrix, next)) continue;
        if (state.get(next) === 'open') {
          cyclic = true;
          const cycle = [...trail.slice(trail.indexOf(next)), next].join(' -> ');
          report(['matrix', name, index], {
            code: 'E_SPEC_MATRIX_CYCLE',
            message: `values refer to each other: ${cycle}`,
            hint: 'write one out',
          });
        } else visit(next, [...trail, next]);
      }
    }
    state.set(name, 'done');
    order.push(name);
  };
  for (const name of Object.keys(matrix)) visit(name, [name]);
  return cyclic ? null : order;
}

/**
 * All cells, the first variable varying slowest; one empty cell without a matrix. `size` is the number of values in the file, which
 * bounds the work. null when something was reported.
 */
export function expandMatrix(raw: unknown, size: number, report: Report): Cell[] | null {
  if (raw === undefined) return [{}];
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    report(['matrix'], { code: 'E_SPEC_TYPE', message: 'expected a mapping of lists', hint: 'matrix: { access: [lte, wifi] }' });
    return null;
  }
  const entries = Object.entries(raw);
  if (entries.length === 0) {
    report(['matrix'], { code: 'E_SPEC_MATRIX_EMPTY', message: 'the matrix has no variables', hint: 'remove it or give it one' });
    return null;
  }
  const sound = entries.map(([name, values]) => checkVariable(name, values, report)).every(Boolean);
  if (!sound) return null;
  const matrix = raw as Record<string, Scalar[]>;
  const names = Object.keys(matrix);
  let broken = false;
  unknownReferences(matrix, ['matrix'], names, (path, problem) => {
    broken = true;
    report(path, problem);
  });
  const order = ordered(matrix, report);
  if (broken || order === null) return null;

  const count = names.reduce((product, name) => product * matrix[name]!.length, 1);
  const body = Math.max(1, size - names.reduce((sum, name) => sum + 1 + matrix[name]!.length, 1));
  if (count > MAX_CELLS || count * body > MAX_CELL_VALUES) {
    const most = Math.max(1, Math.min(MAX_CELLS, Math.floor(MAX_CELL_VALUES / body)));
    const hint = `at most ${most} for a file of this size: split the experiment`;
    report(['matrix'], { code: 'E_SPEC_MATRIX_TOO_BIG', message: `the matrix has ${count} cells`, at: 'key', hint });
    return null;
  }
  let cells: Cell[] = [{}];
  for (const name of names) cells = cells.flatMap((cell) => matrix[name]!.map((value) => ({ ...cell, [name]: value })));
  return cells.map((cell) => {
    const settled: Cell = {};
    for (const name of order) settled[name] = substitute(cell[name]!, settled) as Scalar;
    return Object.fromEntries(names.map((name) => [name, settled[name]!]));
  });
}

/**
 * `access=lte,loss=1%`, also the name of the cell's result folder: other characters than these become `_`, and cells that
 * would then be called the same are numbered.
 */
export function cellNames(cells: Cell[]): string[] {
  const used = new Set<string>();
  return cells.map((cell) => {
    const pairs = Object.entries(cell).map(([name, value]) => `${name}=${value}`);
    const plain =
      pairs.length === 0
        ? 'all'
        : pairs
            .join(',')
            .replace(/[^a-zA-Z0-9.=,%+_-]/g, '_')
            .slice(0, 120);
    let name = plain;
    for (let n = 2; used.has(name); n++) name = `${plain}_${n}`;
    used.add(name);
    return name;
  });
}
