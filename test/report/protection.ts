/** An experiment that looks like SCTP multihoming over IPsec: made-up runs in which every cost is chosen, and spread by a seed. */
import { prng } from '../../src/host/random.ts';
import { analyseRun } from '../../src/metrics/index.ts';
import type { ReportInput } from '../../src/report/index.ts';
import { summarise } from '../../src/stats/index.ts';
import type { CellExperiment, Flow } from '../../src/types/experiment.ts';
import { METRICS } from '../../src/types/experiment.ts';
import type { FlowFacts, RunFacts, Throughput } from '../../src/types/run.ts';
import { cell, flow, handover, ms } from '../metrics/build.ts';
import { experiment } from './build.ts';

export const SECURITIES = ['none', 'esp-transport', 'esp-tunnel', 'null-transport', 'null-tunnel', 'wireguard'];
export const PAYLOADS = [64, 200, 512, 1400];
/** relative to none */
const COST: Record<string, number> = {
  none: 0,
  'esp-transport': 1,
  'esp-tunnel': 1.3,
  'null-transport': 0.6,
  'null-tunnel': 0.8,
  wireguard: 0.9,
};
const T0 = ms(2000);
const BIN = 0.1;

const udp = (size: number): Flow => flow(`p${size}`, size, { size, protectedBy: null });
const FLOWS: Flow[] = [
  flow('data', 0, { kind: 'sctp', size: 1000, rate: 0 }),
  flow('records', 1, { kind: 'mptcp', size: 1000 }),
  ...PAYLOADS.map(udp),
];

/** `access` values times SECURITIES. */
export function protectedExperiment(runs = 9, access = ['lab-ethernet', 'public-hotspot'], securities = SECURITIES): ReportInput {
  const base = experiment(1);
  const cells: CellExperiment[] = access.flatMap((net) =>
    securities.map((security) =>
      cell({
        cell: `access=${net},security=${security}`,
        values: { access: net, security },
        flows: FLOWS,
        measure: [...METRICS],
        paper: 'e2e',
      }),
    ),
  );
  const record = { ...base.record, name: 'sctp-multihoming', runs, cells };
  const list = cells.flatMap((entry, c) =>
    Array.from({ length: runs + 1 }, (_, i) => {
      const nullEvent = i === runs;
      const facts = factsOf(entry, nullEvent ? 1 : i + 1, nullEvent, 1000 * c + i);
      return { facts, folder: `cells/cell-${c}/${nullEvent ? 'null' : 'run'}-00${facts.run}`, captures: ['pcap/mn-eth0.pcap'] };
    }),
  );
  const facts = list.map((run) => run.facts);
  return { record, runs: list, summary: summarise(record, facts, '/tmp/results') };
}

const LADDER = analyseRun(handover());

function factsOf(entry: CellExperiment, run: number, nullEvent: boolean, seed: number): RunFacts {
  const random = prng(seed);
  const security = String(entry.values.security);
  const cost = COST[security]!;
  const far = entry.values.access === 'public-hotspot' ? 1 : 0;
  const spread = (value: number, share = 0.02): number => value * (1 + share * (random() - 0.5));
  const stall = spread(0.3 + 0.2 * cost + 0.03 * far, 0.1);
  const rate = (far === 1 ? 8e6 : 90e6) / (1 + 0.04 * cost);
  const metrics: RunFacts['metrics'] = {
    ...(cost === 0 ? {} : { T_IKE: spread(0.05 + 0.03 * far) }),
    T_SCTP: spread(0.0012 + 0.0003 * cost + 0.03 * far),
    T_SYS: nullEvent ? null : stall - 0.01,
    'T_SYS.timer': nullEvent ? null : stall - 0.04,
    'T_SYS.rest': nullEvent ? null : 0.03,
    'T_STALLED.data': nullEvent ? 0.002 : stall,
    'T_RECOVER.data': nullEvent ? null : stall + 0.4,
    'loss.data': 0,
    'retransmitted.data': nullEvent ? 0 : 4 + Math.floor(random() * 3),
    'throughput.data': spread(rate),
    'throughput.records': spread(rate / 2),
  };
  for (const node of ['mn', 'sgw']) {
    for (const size of PAYLOADS) {
      metrics[`CPU.${node}.p${size}`] = spread(20_000 + 3 * size + cost * (10_000 + 25 * size), 0.005) + (node === 'mn' ? 0 : 1500);
    }
  }
  const flows: RunFacts['flows'] = {
    data: {
      ...quiet(),
      throughput: throughputOf(rate, nullEvent ? null : stall, random),
      ...(nullEvent ? {} : { retransmissions: { timeout: 2, fast: 3, timers: [0.3, 0.6 + cost / 10] } }),
      // the others' facts are of before
      ...(entry.values.security === 'none' ? { stalledBy: { what: 'T3-rtx' as const, seconds: 0.6 } } : {}),
    },
    records: { ...quiet(), throughput: throughputOf(rate / 2, nullEvent ? null : stall / 2, random) },
    ...Object.fromEntries(PAYLOADS.map((size) => [`p${size}`, quiet()])),
  };
  return { ...structuredClone(LADDER), cell: entry.cell, run, seed, nullEvent, t0: T0, metrics, flows, valid: true, gates: [] };
}

function quiet(): FlowFacts {
  const none = { lost: 0, duplicated: 0, reordered: 0, stalled: null, stalledNet: null, gapStart: null, gapEnd: null, oneWayDelay: null };
  return { ...none, sent: 1000, received: 1000, interval: 0.002, outage: 'quiet' };
}

/** 5 s in bins; nothing for `stall` seconds after t0, then the rate grows back over 0.4 s. */
function throughputOf(rate: number, stall: number | null, random: () => number): Throughput {
  const octets = Array.from({ length: 50 }, (_, i) => {
    const since = i * BIN - T0 / 1e9;
    const share = stall === null || since < 0 ? 1 : Math.min(1, Math.max(0, (since - stall + BIN) / 0.4));
    return Math.round(((rate * BIN) / 8) * share * (0.98 + 0.04 * random()));
  });
  const missing = stall === null ? null : Math.round((rate / 8) * stall);
  return { bin: BIN, start: 0, octets, before: rate, recovered: stall === null ? null : stall + 0.4, missing };
}
