/** Is transport mode cheaper than tunnel mode? In words, from the numbers: the terminal and the page say the same. */
import type { Summary } from '../../types/run.ts';
import { CIPHERS, type Cipher, cpuTables } from './cpu.ts';

/** How hosts and flows are called. */
export interface Labels {
  node: (name: string) => string;
  flow: (name: string) => string;
}

const AS_THEY_ARE: Labels = { node: (name) => name, flow: (name) => name };

interface Case {
  node: string;
  flow: string;
  cipher: Cipher;
  /** of transport mode to tunnel mode */
  ratio: number;
  verdict: 'cheaper' | 'dearer' | 'open';
}

/**
 * One sentence; null when no cell has both modes of a cipher and instructions per packet. A case is a payload on a host with a cipher; it
 * is open when the 95 % interval of the difference holds 0. The ranges are of the medians' ratios over payloads (and over other values of
 * the matrix).
 */
export function transportAnswer(summary: Summary, labels: Labels = AS_THEY_ARE): string | null {
  const cases = casesOf(summary);
  if (cases.length === 0) return null;
  const nodes = [...new Set(cases.map(({ node }) => node))];
  const perNode = nodes.map((node) => {
    const perCipher = CIPHERS.flatMap((cipher) => {
      const mine = cases.filter((entry) => entry.node === node && entry.cipher === cipher);
      return mine.length === 0 ? [] : [`${range(mine, labels)} with ${cipher}`];
    });
    return `on ${labels.node(node)} ${perCipher.join(' and ')}`;
  });
  return `${verdict(cases)}, in instructions per packet: ${perNode.join('; ')}.`;
}

function casesOf(summary: Summary): Case[] {
  return cpuTables(summary).flatMap(({ rows }) =>
    rows.flatMap(({ node, flow, modes }) =>
      CIPHERS.flatMap((cipher): Case[] => {
        const found = modes[cipher];
        if (found === undefined || found.ratio === null) return [];
        const [from, to] = found.ci95;
        return [{ node, flow, cipher, ratio: found.ratio, verdict: to < 0 ? 'cheaper' : from > 0 ? 'dearer' : 'open' }];
      }),
    ),
  );
}

function verdict(cases: Case[]): string {
  const count = (kind: Case['verdict']): number => cases.filter((entry) => entry.verdict === kind).length;
  const [cheaper, dearer, open] = [count('cheaper'), count('dearer'), count('open')];
  const subject = 'Transport mode is';
  if (cheaper === cases.length) return `${subject} cheaper than tunnel mode for every payload, on every host`;
  if (dearer === cases.length) return `${subject} dearer than tunnel mode for every payload, on every host`;
  if (open === cases.length) return `${subject} neither cheaper nor dearer than tunnel mode by more than the runs differ`;
  const parts = [
    `cheaper than tunnel mode in ${cheaper} of ${cases.length} cases (payload, host, cipher)`,
    ...(dearer > 0 ? [`dearer in ${dearer}`] : []),
    ...(open > 0 ? [`not told apart from it in ${open}`] : []),
  ];
  return `${subject} ${parts.join(', ')}`;
}

/** `4.1 % (p1400) to 9.3 % (p64) fewer`. */
function range(cases: Case[], { flow }: Labels): string {
  const ascending = cases.toSorted((a, b) => b.ratio - a.ratio);
  const [least, most] = [ascending[0]!, ascending.at(-1)!];
  const saved = ({ ratio }: Case): number => 100 * (1 - ratio);
  const show = (entry: Case): string => `${Math.abs(saved(entry)).toFixed(1)}\u00a0% `;
  if (cases.length === 1) return `${show(least)}${word(saved(least))} (${flow(least.flow)})`;
  if (word(saved(least)) === word(saved(most))) {
    // the smaller change first, whichever direction they have
    const [small, large] = saved(most) >= 0 ? [least, most] : [most, least];
    return `${show(small)}(${flow(small.flow)}) to ${show(large)}(${flow(large.flow)}) ${word(saved(large))}`;
  }
  return `from ${show(least)}${word(saved(least))} (${flow(least.flow)}) to ${show(most)}${word(saved(most))} (${flow(most.flow)})`;
}

const word = (saved: number): string => (saved >= 0 ? 'fewer' : 'more');
