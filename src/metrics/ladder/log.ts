/** The steps only the daemons know, from their logs: roaming, path checks, and the kernel SAs being moved. */
import type { MetricInput } from '../input.ts';
import type { Entry } from './messages.ts';

/** What charon 5.9 and 6.0 print, and how the ladder names it. */
const MARKS: { pattern: RegExp; kind: Entry['kind']; label: (match: RegExpMatchArray) => string }[] = [
  { pattern: /creating roam job(.*)/, kind: 'roam', label: ([, why]) => `roam job${why}` },
  { pattern: /(interface \S+ (?:de)?activated|\S+ (?:dis)?appeared (?:on|from) \S+)/, kind: 'log', label: ([, what]) => what! },
  { pattern: /(checking path \S+ - \S+)/, kind: 'log', label: ([, what]) => what! },
  { pattern: /(local endpoint changed .*|remote endpoint changed .*)/, kind: 'log', label: ([, what]) => what! },
  {
    pattern: /CHILD_SA (\S+) state change: (INSTALLED => UPDATING|UPDATING => INSTALLED)/,
    kind: 'sa-change',
    label: ([, sa, what]) => `${sa} ${what}`,
  },
  { pattern: /(no route found to reach .*|MOBIKE update deferred.*)/i, kind: 'log', label: ([, what]) => what! },
];

/** Log entries of all nodes in [from, to] (ns since epoch). */
export function logEntries(input: MetricInput, from: number, to: number): Entry[] {
  const entries: Entry[] = [];
  for (const { node, lines } of input.logs) {
    for (const { t, text } of lines) {
      if (t < from || t > to) continue;
      for (const { pattern, kind, label } of MARKS) {
        const match = text.match(pattern);
        if (match === null) continue;
        entries.push({ t, kind, label: label(match), from: node, to: node });
        break;
      }
    }
  }
  return entries;
}
