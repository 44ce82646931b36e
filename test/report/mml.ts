/** Experiments that look like those of the MML-IPsec paper: made-up runs whose medians are chosen, and spread by a seed. */
import { prng } from '../../src/host/random.ts';
import { analyseRun } from '../../src/metrics/index.ts';
import type { ReportInput } from '../../src/report/index.ts';
import { summarise } from '../../src/stats/index.ts';
import type { CellExperiment } from '../../src/types/experiment.ts';
import type { RunFacts } from '../../src/types/run.ts';
import { mmlCell, transfer } from '../metrics/mml.ts';
import { experiment } from './build.ts';

export const CONFIGS = ['reno', 'snoop', 'ipsec', 'mml', 'mml-snoop'];
export const BERS = [0, '1/8M', '1/4M', '1/2M', '1/1M', '1/512K', '1/256K', '1/128K', '1/64K'];

type Values = CellExperiment['values'];

/** `metrics`: medians of a cell. Runs are spread by 2 %. */
export function swept(name: string, cells: Values[], metrics: (values: Values) => Record<string, number>, runs = 5): ReportInput {
  const base = experiment(1);
  const measure: CellExperiment['measure'] = ['goodput', 'cwnd', 'retransmitted', 'stages'];
  const made = cells.map((values) =>
    mmlCell({
      ...{ values, measure, paper: 'mml' },
      cell: Object.entries(values)
        .map((entry) => entry.join('='))
        .join(','),
    }),
  );
  const record = { ...base.record, name, runs, cells: made };
  const list = made.flatMap((cell, c) =>
    Array.from({ length: runs }, (_, i) => {
      const facts = factsOf(cell, i + 1, metrics(cell.values), prng(100 * c + i));
      return { facts, folder: `cells/cell-${c}/run-00${i + 1}`, captures: ['pcap/tlp1-wl0.pcap'] };
    }),
  );
  const facts = list.map((run) => run.facts);
  return { record, runs: list, summary: summarise(record, facts, '/tmp/results') };
}

const BASE = analyseRun(transfer().input);

function factsOf(cell: CellExperiment, run: number, medians: Record<string, number>, random: () => number): RunFacts {
  const facts = structuredClone(BASE);
  const spread = Object.entries(medians).map(([name, value]) => [name, value * (1 + 0.04 * (random() - 0.5))]);
  const rate = medians['goodput.bulk'] ?? 0;
  const step = 0.1;
  const window = medians['cwnd.bulk'] ?? 1;
  facts.flows.bulk!.series = {
    ...{ start: 0, step },
    octets: Array.from({ length: 300 }, (_, k) => Math.round((rate / 8) * step * (k + 1))),
    cwnd: Array.from({ length: 300 }, (_, k) => (k < 2 ? null : Math.max(2, window + 4 * Math.sin(k / 9)))),
  };
  return { ...facts, cell: cell.cell, run, metrics: { ...Object.fromEntries(spread), 'loss.bulk': null } };
}

/** Figure 14: what the paper's text says of it, and a smooth curve between. */
export function fig14(): ReportInput {
  const start: Record<string, number> = { reno: 1.37, snoop: 1.37, ipsec: 1.3, mml: 1.25, 'mml-snoop': 1.25 };
  const fall = [1, 0.95, 0.9, 0.73, 0.55, 0.38, 0.25, 0.16, 0.1];
  const kept = [1, 1, 1, 1, 0.99, 0.98, 0.94, 0.8, 0.5];
  const cells = CONFIGS.flatMap((config) => BERS.map((ber) => ({ config, ber })));
  return swept('fig14', cells, ({ config, ber }) => {
    const by = String(config).includes('snoop') ? kept : fall;
    return { 'goodput.bulk': start[String(config)]! * 1e6 * by[BERS.indexOf(ber as string)]!, 'cwnd.bulk': 12, 'retransmitted.bulk': 3 };
  });
}

/** Figures 15 and 16. */
export function fig15(): ReportInput {
  const windows: Record<string, number> = { reno: 6, snoop: 35, ipsec: 5.5, mml: 5, 'mml-snoop': 26 };
  return swept(
    'fig15-16',
    CONFIGS.map((config) => ({ config })),
    ({ config }) => ({ 'goodput.bulk': windows[String(config)]! * 4e4, 'cwnd.bulk': windows[String(config)]! }),
  );
}

/** Figures 17 and 18. */
export function fig17(): ReportInput {
  return swept(
    'fig17-18',
    ['never', 20, 10, 5, 3, 2, 1].map((everyNth) => ({ everyNth })),
    ({ everyNth }) => ({ 'goodput.bulk': 1.34e6 * (1 - (everyNth === 'never' ? 0 : 0.07 / Number(everyNth))), 'cwnd.bulk': 40 }),
    6,
  );
}

/** Tables 6 and 7. */
export function tables(): ReportInput {
  const stages = { 'mets.seal': 12e-6, 'mets.open': 4e-6, 'mets.send': 9e-6, 'nets.open zone 1': 3e-6, 'nets.snoop': 2e-6 };
  return swept(
    'tables',
    ['3des-cbc/none', 'aes128-gcm16'].map((suite) => ({ suite })),
    ({ suite }) =>
      Object.fromEntries(Object.entries(stages).map(([name, value]) => [`stages.${name}`, suite === 'aes128-gcm16' ? value / 4 : value])),
  );
}
