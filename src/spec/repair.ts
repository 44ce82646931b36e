/**
 * A second look past schema errors: values whose absence or replacement cannot cause other problems are dropped or replaced, so that
 * what only the later checks find (a dangling reference, an overlap) is reported at the same time.
 */
import type { Problem } from './problem.ts';

const DROPPED = [
  ...['delay', 'jitter', 'rate', 'loss', 'limit', 'size', 'mtu', 'profile', 'port', 'ike', 'esp'],
  ...['runs', 'seed', 'clock', 'cpuRate', 'backend', 'title', 'description', 'paper', 'measure', 'role'],
];
/** Key -> harmless value; undefined drops it. */
const HARMLESS: Record<string, unknown> = {
  ...Object.fromEntries(DROPPED.map((key) => [key, undefined])),
  name: 'unnamed',
  at: '0s',
  duration: '60min',
  ber: 0,
};

function mend(root: unknown, { path, code }: Problem): boolean {
  const key = path.at(-1);
  const drop = code === 'E_SPEC_UNKNOWN_KEY';
  if (typeof key !== 'string' || !(drop || Object.hasOwn(HARMLESS, key))) return false;
  let parent = root;
  for (const step of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[step];
  const map = parent as Record<string, unknown>;
  if (drop || HARMLESS[key] === undefined) delete map[key];
  else map[key] = HARMLESS[key];
  return true;
}

/** A copy without the problems, or null when some cannot be mended. */
export function repair(root: unknown, problems: Problem[]): unknown {
  const copy = structuredClone(root);
  return problems.every((problem) => mend(copy, problem)) ? copy : null;
}
