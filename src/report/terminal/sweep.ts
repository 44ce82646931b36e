/** Goodput over what is varied, stages of a packet, and what the paper printed, for a terminal. */
import type { Summary } from '../../types/run.ts';
import { plain, printed, unitName } from '../format.ts';
import { type Sweep, shortNames, sweepsOf } from '../sweep/axis.ts';
import { claimValue, type HeldPaper, heldBeside, printedValue, ratioText, ratioToPrinted } from '../sweep/claims.ts';
import { type Overhead, overheadsOf } from '../sweep/overhead.ts';
import { type StageTable, stageTable } from '../sweep/stages.ts';
import { type Column, table, wrap } from './table.ts';

/** Lines, none where nothing is swept, timed or printed. `heading` marks titles. */
export function sweeps(summary: Summary, columns: number, heading: (text: string) => string): string[] {
  const lines: string[] = [];
  const section = (title: string, body: string[]): void => {
    lines.push(...wrap(plain(title), columns, '  ').map(heading), ...body.map((line) => `  ${line}`), '');
  };
  for (const sweep of sweepsOf(summary.cells, 'goodput')) {
    const { metric, axis } = sweep;
    section(`${metric} over ${axis.name}, ${unitName('bit/s')}, medians`, curves(sweep, columns - 2));
    for (const one of overheadsOf(sweep)) {
      const of = one.line === '' ? '' : `, ${one.line}`;
      section(`overhead: what is missing of the median without protection${of}`, overhead(axis.name, one, columns - 2));
    }
  }
  const stages = stageTable(summary);
  if (stages !== null) section(`stages of a packet, ${unitName('s/packet')}, medians`, stageLines(stages, columns - 2));
  const held = heldBeside(summary);
  if (held !== null) section(`${held.paper.title}: printed, and ours (what each means is in the report)`, claims(held, columns - 2));
  return lines;
}

function curves({ axis, lines }: Sweep, width: number): string[] {
  const titles = shortNames(lines).map((name): Column => ({ title: plain(name || 'median'), spare: true }));
  const rows = axis.values.map((value, k) => [
    plain(value),
    ...lines.map(({ points }) => printed(points[k]?.quartiles?.median ?? null, 'bit/s')),
  ]);
  return table([{ title: plain(axis.name) }, ...titles], rows, width);
}

function overhead(axis: string, { points }: Overhead, width: number): string[] {
  const rows = points.map(({ value, overhead: part }) => [plain(value), part === null ? '–' : (100 * part).toFixed(2)]);
  return table([{ title: plain(axis) }, { title: '%' }], rows, width);
}

function stageLines({ cells, rows }: StageTable, width: number): string[] {
  const body = rows.map(({ node, stage, entries }) => [
    plain(`${node}  ${stage}`),
    ...entries.map((entry) => printed(entry?.quartiles?.median ?? null, 's/packet')),
  ]);
  return table([{ title: 'node  stage' }, ...cells.map((cell) => ({ title: plain(cell), spare: true }))], body, width);
}

function claims({ held }: HeldPaper, width: number): string[] {
  const rows = held.flatMap(({ claim, ours }) =>
    ours.flatMap(({ as, value }) => {
      if (value === null) return [];
      const ratio = ratioToPrinted(claim, value);
      const name = as === null ? claim.id : `${claim.id} (${as})`;
      return [[name, printedValue(claim.printed, claim.unit), claimValue(value, claim.unit), ratioText(ratio)]];
    }),
  );
  return table([{ title: 'claim' }, { title: 'printed' }, { title: 'ours' }, { title: 'ours/printed', spare: true }], rows, width);
}
