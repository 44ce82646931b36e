/**
 * The handover of two runs, step beside step. Steps are paired by what they are and between whom, the n-th with the n-th:
 * numbers that are counted or drawn (message IDs, sequence numbers, SPIs) do not tell steps apart, and two steps that only changed
 * places are still the same two steps.
 */
import type { LadderEntry } from '../types/run.ts';
import type { LadderRow } from './types.ts';

/** Rows by time, a's where there is one. */
export function alignLadders(a: readonly LadderEntry[], b: readonly LadderEntry[]): LadderRow[] {
  const waiting = Map.groupBy(b, keyOf);
  const rows = a.map((entry) => row(entry, waiting.get(keyOf(entry))?.shift() ?? null));
  for (const entry of [...waiting.values()].flat()) rows.push(row(null, entry));
  const at = (entry: LadderRow): number => entry.a?.dt ?? entry.b?.dt ?? 0;
  return rows.sort((x, y) => at(x) - at(y));
}

function row(a: LadderEntry | null, b: LadderEntry | null): LadderRow {
  const { kind, from, to } = (a ?? b)!;
  const step = a !== null && b !== null && a.label === b.label ? a.label : [...new Set([a, b].flatMap(stepOf))].join(' / ');
  return { kind, step, from, to, a, b, difference: a === null || b === null ? null : b.dt - a.dt };
}

function keyOf(entry: LadderEntry): string {
  // whatever the event is, it is what both runs are about
  const what =
    entry.kind === 'event' ? String(entry.label.endsWith('(t0)') || entry.label.startsWith('null event')) : withoutNumbers(entry);
  return JSON.stringify([entry.kind, entry.from, entry.to, what]);
}

function stepOf(entry: LadderEntry | null): string[] {
  if (entry === null) return [];
  return [entry.kind === 'event' ? entry.label : withoutNumbers(entry)];
}

function withoutNumbers({ kind, label }: LadderEntry): string {
  switch (kind) {
    case 'last-data':
    case 'first-data':
      return label.replace(/, \d+$/, '');
    case 'sa-change':
      return label.replace(/\{\d+\}/, '');
    case 'log':
      return label.replace(/\[\d+\]/g, '');
    default:
      return label.replace(/(request|response) \d+/, '$1');
  }
}
