/** `npm run bench [-- --only chain|pcap|guest] [--json]`: roamlab beside its peers, in the same run, as ratios. */
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { findProgram } from '../../src/host/path.ts';
import { benchChain } from './chain.ts';
import { benchGuest } from './guest.ts';
import { type BenchResult, benchPcap } from './pcap.ts';

const SUITES = ['chain', 'pcap', 'guest'];
const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } });
if (values.only !== undefined && !SUITES.includes(values.only)) {
  console.error(`--only ${values.only}: there are ${SUITES.join(', ')}`);
  process.exit(2);
}
const say = (line: string) => process.stderr.write(`${line}\n`);

/** Ratio asked for; null = shown for information. */
const goal = (name: string): number | null =>
  name.startsWith('chain') ? 5 : name.startsWith('pcap') && !name.includes('process') ? 8 : null;

const mininet = ['/usr/bin/mn', '/usr/share/mininet', '/usr/lib/python3/dist-packages/mininet'].some(existsSync);
const suites = [
  {
    name: 'chain',
    peer: 'Mininet',
    run: benchChain,
    ready: process.getuid?.() === 0 && mininet && findProgram('ping') !== null,
    line: 'as root: apt-get install mininet iputils-ping',
  },
  { name: 'pcap', peer: 'tshark', run: benchPcap, ready: findProgram('tshark') !== null, line: 'apt-get install tshark' },
  { name: 'guest', peer: 'QEMU', run: benchGuest, ready: findProgram('qemu-system-x86_64') !== null, line: 'npx roamlab setup' },
];

const [load = 0] = loadavg();
say(`load average ${load.toFixed(2)}${load > 1.5 ? ': the machine is busy, ratios will be off' : ''}`);
const results: (BenchResult & { goal: number | null })[] = [];
for (const suite of suites) {
  if (values.only !== undefined && values.only !== suite.name) continue;
  if (!suite.ready) {
    say(`${suite.name}: skipped, ${suite.peer} is not here (${suite.line})`);
    continue;
  }
  for (const result of await suite.run(say)) results.push({ ...result, goal: goal(result.name) });
}
if (values.json) console.log(JSON.stringify({ load, results }, null, 2));
else {
  console.table(
    results.map((r) => ({
      what: r.name,
      roamlab: `${r.ours.toPrecision(4)} ${r.unit}`,
      peer: `${r.peer.toPrecision(4)} ${r.unit}`,
      ratio: `${r.ratio.toFixed(1)}x`,
      goal: r.goal === null ? '' : `${r.goal}x`,
    })),
  );
}
