/** A problem before it has a place in the text: a path into the experiment, and whether its key or its value is at fault. */

export type Path = readonly (string | number)[];

export interface Problem {
  code: string;
  message: string;
  path: Path;
  at?: 'key' | 'value';
  hint?: string | undefined;
  /** the value as written; looked up from the path when absent */
  got?: unknown;
}

export type Report = (path: Path, problem: Omit<Problem, 'path'>) => void;

/** One string per path, for maps. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}
