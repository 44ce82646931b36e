/** Facts of an experiment that looks like a real one: hand-built handovers analysed by the real code, then varied by a seed. */

import { prng } from '../../src/host/random.ts';
import { analyseRun } from '../../src/metrics/index.ts';
import type { ReportInput } from '../../src/report/index.ts';
import { summarise } from '../../src/stats/index.ts';
import type { CellExperiment } from '../../src/types/experiment.ts';
import type { ExperimentRecord, RunFacts } from '../../src/types/run.ts';
import { cell, handover } from '../metrics/build.ts';

const DELAY: Record<string, number> = {
  'lab-ethernet': 0.0004,
  'public-hotspot': 0.0075,
  'lte <b>"indoor"</b> & a rather long name': 0.03,
};

export function experiment(runs = 11): ReportInput {
  const cells: CellExperiment[] = Object.keys(DELAY).map((access) => cell({ cell: `access=${access}`, values: { access } }));
  const record: ExperimentRecord = {
    format: 1,
    name: 'mobike-multihoming',
    id: '20251125T101500-1',
    started: '2025-11-25T10:15:00.000Z',
    seed: 42,
    runs,
    cells,
    provenance: {
      roamlab: '0.1.0',
      backend: 'netns',
      accelerator: 'native',
      clock: 'real',
      kernel: '6.1.0-28-amd64',
      strongswan: '6.0.1',
      tools: { tcpdump: '4.99.3', iproute2: '6.1.0' },
      host: 'build-host, 2 CPUs',
    },
  };
  const list: ReportInput['runs'] = cells.flatMap(({ cell: name, values }, c) => {
    const folder = `cells/cell-${c}`;
    const event = Array.from({ length: runs }, (_, i) => vary(name, i + 1, DELAY[String(values.access)]!, c * 100 + i));
    const quiet = Array.from({ length: 3 }, (_, i) => ({
      ...analyseRun(handover({ nullEvent: true, skip: (seq) => c === 2 && seq === 150 + i })),
      cell: name,
      run: i + 1,
    }));
    const captures = ['pcap/mn-eth0.pcap', 'pcap/mn-eth1.pcap', 'pcap/sgw-eth0.pcap'];
    return [...event, ...quiet].map((facts) => ({
      facts,
      folder: `${folder}/${facts.nullEvent ? 'null' : 'run'}-${String(facts.run).padStart(3, '0')}`,
      captures,
    }));
  });
  spoil(list[4]!.facts, 'cleartext', '12 packets 10.9.0.1 > 10.8.0.1 protocol 17 left mn:eth1');
  spoil(list[6]!.facts, 'complete', 'charon said <script>alert(1)</script> and left');
  return {
    record,
    runs: list,
    summary: summarise(
      record,
      list.map(({ facts }) => facts),
      '/tmp/results',
    ),
  };
}

const BASE = analyseRun(handover());

function vary(name: string, run: number, delay: number, seed: number): RunFacts {
  const random = prng(seed);
  const metrics: RunFacts['metrics'] = {};
  for (const [metric, value] of Object.entries(BASE.metrics)) {
    const noise = (random() + random() + random()) / 3;
    metrics[metric] = value === null ? null : metric.startsWith('loss') ? value + Math.floor(noise * 8) : value + 4 * delay + noise * 0.02;
  }
  return { ...structuredClone(BASE), cell: name, run, seed, metrics };
}

function spoil(facts: RunFacts, name: string, detail: string): void {
  facts.gates = facts.gates.map((gate) => (gate.name === name ? { ...gate, ok: false, detail } : gate));
  facts.valid = false;
}
