/** What the paper printed beside what was measured: the claims of an experiment that its own cells can answer. */
import { type CellValues, type Claim, evaluate, type Paper, type Printed, paperOf, termsOf } from '../../papers/index.ts';
import type { Summary } from '../../types/run.ts';

export interface Held {
  claim: Claim;
  /** one per reading; null: the cells have no answer, or the reading is about another experiment */
  ours: { as: string | null; value: number | readonly [number, number] | null; elsewhere: boolean }[];
}

export interface HeldPaper {
  paper: Paper;
  held: Held[];
  /** of claims in the table */
  contradictions: string[];
}

/** Null where the experiment is of no paper whose values are here, or answers none of its claims. */
export function heldBeside({ paper: id, experiment, cells }: Pick<Summary, 'paper' | 'experiment' | 'cells'>): HeldPaper | null {
  const paper = paperOf(id);
  if (paper === undefined) return null;
  const median = (metric: string, wanted: CellValues): number | null => {
    const cell = cells.find(({ values }) => Object.entries(wanted).every(([name, value]) => values[name] === value));
    return cell?.metrics.find((entry) => entry.metric === metric)?.quartiles?.median ?? null;
  };
  const held = paper.claims
    .filter((claim) => claim.experiment === experiment)
    .map((claim): Held => {
      const ours = claim.readings.map(({ as, expression }) => {
        const elsewhere = termsOf(expression).some((term) => term.experiment !== undefined && term.experiment !== experiment);
        const value = elsewhere ? null : evaluate(expression, (term) => median(term.metric, term.cell));
        return { as: as ?? null, value, elsewhere };
      });
      return { claim, ours };
    });
  if (!held.some(({ ours }) => ours.some(({ value }) => value !== null))) return null;
  const ids = new Set(held.map(({ claim }) => claim.id));
  const contradictions = paper.contradictions.filter(({ claims }) => claims.length === 0 || claims.some((one) => ids.has(one)));
  return { paper, held, contradictions: contradictions.map(({ text }) => text) };
}

/** A claim's printed value, or one of ours, in its unit. */
export function claimValue(value: number | readonly [number, number], unit: Claim['unit']): string {
  if (typeof value !== 'number') return `${claimValue(value[0], unit)} to ${claimValue(value[1], unit)}`;
  switch (unit) {
    case '%':
      return `${trimmed(value * 100, 2)} %`;
    case '1':
      return `${trimmed(value, 2)} x`;
    case 'bit/s':
      return `${trimmed(value / 1e6, 3)} Mbit/s`;
    case 'segments':
      return `${trimmed(value, 1)} segments`;
    case 's/packet':
      return `${trimmed(value * 1e6, 2)} µs`;
  }
}

export function printedValue(printed: Printed, unit: Claim['unit']): string {
  if ('value' in printed) return claimValue(printed.value, unit);
  return printed.to === undefined ? `at least ${claimValue(printed.from, unit)}` : claimValue([printed.from, printed.to], unit);
}

/** ours / printed; null for orderings, ranges, and what is printed as 0. */
export function ratioToPrinted({ printed, kind }: Claim, value: number | readonly [number, number] | null): number | null {
  if (kind === 'ordering' || typeof value !== 'number' || !('value' in printed) || printed.value === 0) return null;
  return value / printed.value;
}

export function ratioText(ratio: number | null): string {
  return ratio === null ? '–' : ratio.toFixed(2).replace('-', '−');
}

/** As many digits as mean something, without zeros that say nothing; minus as U+2212. */
function trimmed(value: number, decimals: number): string {
  const text = value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : decimals);
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return (short === '-0' ? '0' : short).replace('-', '−');
}
