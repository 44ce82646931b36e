/** What protection costs, for a terminal: times and throughput against the cell without it, and instructions per packet. */
import { SMALLEST_N_FOR_INTERVAL } from '../../stats/index.ts';
import type { Summary } from '../../types/run.ts';
import { grouped, named, plain, printed, signed } from '../format.ts';
import { idlePart } from '../news.ts';
import { transportAnswer } from '../protection/answer.ts';
import { addingOf, type CpuTable, cpuTables } from '../protection/cpu.ts';
import { type CostTable, costTables, isFew, ratioOf, splitCosts } from '../protection/times.ts';
import { type Column, table, wrap } from './table.ts';

/** Lines, none when nothing can be compared. `heading` marks titles. */
export function protection(summary: Summary, columns: number, heading: (text: string) => string): string[] {
  const lines: string[] = [];
  const section = (title: string, shared: string, body: string[]): void => {
    const head = wrap(plain(shared === '' ? title : `${shared}: ${title}`), columns, '  ');
    lines.push(...head.map(heading), ...body.map((line) => `  ${line}`), '');
  };
  for (const entry of costTables(summary, 'short')) {
    const rows = entry.rows.filter(({ metric }) => idlePart(summary) === null || !metric.startsWith('T_SYS.'));
    section('what protection costs, beside security=none', entry.title, costs({ ...entry, rows }, columns - 2));
  }
  for (const entry of cpuTables(summary)) section('instructions per packet', entry.title, instructions(entry, columns - 2));
  const answer = transportAnswer(summary);
  if (answer !== null) {
    const said = [...(answer.claim === null ? [] : [answer.claim]), answer.lead, ...answer.lines.map((line) => `  ${line}`), answer.caveat];
    lines.push(...said.flatMap((text) => indented(plain(text), columns)), '');
  }
  return lines;
}

/** Following lines stand two columns further in than the first. */
function indented(text: string, columns: number): string[] {
  const own = text.length - text.trimStart().length;
  return wrap(text.trimStart(), columns - own, '  ').map((line) => ' '.repeat(own) + line);
}

const COSTS: Column[] = [
  { title: 'ms' },
  { title: 'none', spare: true },
  { title: 'difference' },
  { title: '95 % of difference' },
  { title: 'ratio' },
];

function costs({ rows: all }: CostTable, width: number): string[] {
  const { equal, changed } = splitCosts(all);
  const cells = changed.flatMap(([metric, rows]) => [
    // a metric's name stands once, above its cells
    [plain(named(metric, rows[0]!.unit)), '', '', '', ''],
    ...rows.map((row) => {
      const show = (value: number): string => signed(printed(value, row.unit));
      return [
        `  ${plain(row.security)}`,
        printed(row.baselineMedian, row.unit),
        show(row.difference),
        `${row.ci95 === null ? '' : row.ci95.map(show).join('..')}${isFew(row.n) ? '*' : ''}`,
        ratioOf(row.ratio),
      ];
    }),
  ]);
  const rest = equal.length === 0 ? [] : wrap(`no difference in: ${equal.map(plain).join(', ')}`, width, '  ');
  return [...(cells.length === 0 ? [] : table(COSTS, cells, width)), ...rest];
}

function instructions({ securities, ciphers, rows }: CpuTable, width: number): string[] {
  const adding = addingOf(ciphers, rows);
  const columns: Column[] = [
    { title: 'host  flow' },
    // the ratios stay; what a narrow terminal leaves out is in the page
    ...securities.map((security) => ({ title: plain(security), spare: !/^(none|esp-.*)$/.test(security) })),
    ...ciphers.map((cipher) => ({ title: `${cipher} t/t` })),
    ...adding.map((cipher) => ({ title: `${cipher} added`, spare: true })),
  ];
  const host = (node: string | null): string => (node === null ? 'all' : plain(node));
  const widest = Math.max(...rows.map(({ node }) => host(node).length), 'host'.length);
  const cells = rows.map(({ node, flow, medians, modes }) => [
    `${host(node).padEnd(widest)}  ${plain(flow)}`,
    ...medians.map((median) => (median === null ? '–' : grouped(median))),
    ...ciphers.map((cipher) => modes[cipher]?.ratio?.toFixed(3) ?? '–'),
    ...adding.map((cipher) => modes[cipher]?.added?.ratio?.toFixed(3) ?? '–'),
  ]);
  const full = table(columns, cells, Number.POSITIVE_INFINITY);
  if (Math.max(...full.map(({ length }) => length)) <= width) return full;
  const short = columns.map((column) => ({ ...column, title: column.title.replace('-transport', ' tr').replace('-tunnel', ' tu') }));
  return table(short, cells, width);
}

/** What the tables' words mean; nothing where there are none. */
export function protectionNotes(summary: Summary, columns: number): string[] {
  const notes: string[] = [];
  if (costTables(summary, 'short').length > 0) {
    notes.push(
      `difference: of the medians, with a bootstrap 95 % interval that resamples both cells (*: fewer than ${SMALLEST_N_FOR_INTERVAL} values on either side, the range over all pairs; for one, nothing)`,
    );
  }
  const heads = cpuTables(summary).map((entry) => instructions(entry, columns - 2)[0]!);
  if (heads.some((head) => head.includes(' t/t'))) notes.push('t/t: transport mode divided by tunnel mode (tr, tu)');
  if (heads.some((head) => head.includes(' added')))
    notes.push('added: the same of what each mode adds to none, where both add at least 5 % of it');
  return notes;
}
