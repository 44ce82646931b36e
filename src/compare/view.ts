/** Which question two runs are asked: where do the octets part, or how do the handovers compare. */
import { isDeepStrictEqual } from 'node:util';
import type { Side } from './side.ts';
import type { Comparison, View } from './types.ts';

/** Real time, another seed, another event or another experiment: such runs are never equal to the octet. */
export function chooseView(a: Side, b: Side, forced: View | undefined): { view: View; why: string } {
  if (forced !== undefined) return { view: forced, why: 'as asked for' };
  const apart = whyApart(a, b);
  if (apart !== null) return { view: 'event', why: apart };
  const known = a.record !== null && b.record !== null && a.experiment !== null && b.experiment !== null;
  return { view: 'bytes', why: known ? 'same experiment and seed, virtual clock' : 'nothing known speaks against equal octets' };
}

function whyApart(a: Side, b: Side): string | null {
  const real = [a, b].filter(({ experiment }) => experiment?.provenance.clock === 'real');
  if (real.length > 0) return `${real.map(({ name }) => name).join(' and ')} ran on the real clock`;
  if (a.cell !== null && b.cell !== null && a.cell.name === b.cell.name && a.cell.cell !== b.cell.cell) {
    return `the cells differ: ${a.cell.cell} and ${b.cell.cell}`;
  }
  if (a.cell !== null && b.cell !== null && !isDeepStrictEqual(a.cell, b.cell)) return 'the experiments differ';
  if (a.record === null || b.record === null) return null;
  if (a.record.nullEvent !== b.record.nullEvent) return `${a.record.nullEvent ? 'A' : 'B'} is a null run, the other is not`;
  return a.record.seed === b.record.seed ? null : `the seeds differ: ${a.record.seed} and ${b.record.seed}`;
}

/** What differs in where the results come from; nothing when either is unknown. */
export function circumstancesOf(a: Side, b: Side): Comparison['circumstances'] {
  if (a.experiment === null || b.experiment === null) return [];
  const [inA, inB] = [facts(a.experiment.provenance), facts(b.experiment.provenance)];
  return [...new Set([...inA.keys(), ...inB.keys()])]
    .filter((what) => inA.get(what) !== inB.get(what))
    .map((what) => ({ what, a: inA.get(what) ?? null, b: inB.get(what) ?? null }));
}

function facts({ tools, ...rest }: NonNullable<Side['experiment']>['provenance']): Map<string, string> {
  return new Map([...Object.entries(rest), ...Object.entries(tools)].map(([what, value]) => [what, String(value)]));
}
