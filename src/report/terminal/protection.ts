/** What protection costs, for a terminal: times and throughput against the cell without it, and instructions per packet. */
import { SMALLEST_N_FOR_INTERVAL } from '../../stats/index.ts';
import type { Summary } from '../../types/run.ts';
import { grouped, named, plain, printed, signed } from '../format.ts';
import { transportAnswer } from '../protection/answer.ts';
import { type CpuTable, cpuTables } from '../protection/cpu.ts';
import { type CostTable, costTables, ratioOf } from '../protection/times.ts';
import { type Column, table, wrap } from './table.ts';

/** Lines, none when nothing can be compared. `heading` marks titles. */
export function protection(summary: Summary, columns: number, heading: (text: string) => string): string[] {
  const lines: string[] = [];
  const section = (title: string, shared: string, body: string[]): void => {
    const head = wrap(plain(shared === '' ? title : `${shared}: ${title}`), columns, '  ');
    lines.push(...head.map(heading), ...body.map((line) => `  ${line}`), '');
  };
  for (const entry of costTables(summary, 'short')) {
    section('what protection costs, beside security=none', entry.title, costs(entry, columns - 2));
  }
  for (const entry of cpuTables(summary)) section('instructions per packet', entry.title, instructions(entry, columns - 2));
  const answer = transportAnswer(summary);
  if (answer !== null) lines.push(...wrap(plain(answer), columns, '  '), '');
  return lines;
}

const COSTS: Column[] = [
  { title: 'ms' },
  { title: 'none', spare: true },
  { title: 'difference' },
  { title: '95 % of difference' },
  { title: 'ratio' },
];

function costs({ rows }: CostTable, width: number): string[] {
  const cells = rows.flatMap((row, i) => {
    const show = (value: number): string => signed(printed(value, row.unit));
    const line = [
      `  ${plain(row.security)}`,
      printed(row.baselineMedian, row.unit),
      show(row.difference),
      `${show(row.ci95[0])}..${show(row.ci95[1])}`,
      ratioOf(row.ratio),
    ];
    // a metric's name stands once, above its cells
    return rows[i - 1]?.metric === row.metric ? [line] : [[plain(named(row.metric, row.unit)), '', '', '', ''], line];
  });
  return table(COSTS, cells, width);
}

function instructions({ securities, ciphers, rows }: CpuTable, width: number): string[] {
  const columns: Column[] = [
    { title: 'host  flow' },
    // the ratios stay; what a narrow terminal leaves out is in the page
    ...securities.map((security) => ({ title: plain(security), spare: !/^(none|esp-.*)$/.test(security) })),
    ...ciphers.map((cipher) => ({ title: `${cipher} t/t` })),
  ];
  const widest = Math.max(...rows.map(({ node }) => plain(node).length), 'host'.length);
  const cells = rows.map(({ node, flow, medians, modes }) => [
    `${plain(node).padEnd(widest)}  ${plain(flow)}`,
    ...medians.map((median) => (median === null ? '–' : grouped(median))),
    ...ciphers.map((cipher) => modes[cipher]?.ratio?.toFixed(3) ?? '–'),
  ]);
  const full = table(columns, cells, Number.POSITIVE_INFINITY);
  if (Math.max(...full.map(({ length }) => length)) <= width) return full;
  const short = columns.map((column) => ({ ...column, title: column.title.replace('-transport', ' tr').replace('-tunnel', ' tu') }));
  return table(short, cells, width);
}

/** What the tables' words mean; nothing where there are none. */
export function protectionNotes(summary: Summary): string[] {
  const notes: string[] = [];
  if (costTables(summary, 'short').length > 0) {
    notes.push(
      `difference: of the medians, with a bootstrap 95 % interval that resamples both cells (with fewer than ${SMALLEST_N_FOR_INTERVAL} values on either side, the range over all pairs)`,
    );
  }
  if (cpuTables(summary).some(({ ciphers }) => ciphers.length > 0)) notes.push('t/t: transport mode divided by tunnel mode (tr, tu)');
  return notes;
}
