/** `npm run bench [-- --only chain|pcap|guest|mml|mml-guest] [--json] [--soak <s>]`: roamlab beside its peers, in the same run, as ratios. */
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { findProgram } from '../../src/host/path.ts';
import { benchChain } from './chain.ts';
import { benchGuest } from './guest.ts';
import { benchMmlGuest } from './mml/guest.ts';
import { benchMml } from './mml/native.ts';
import { soak } from './mml/soak.ts';
import { type BenchResult, benchPcap } from './pcap.ts';

const SUITES = ['chain', 'pcap', 'guest', 'mml', 'mml-guest'];
const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean', default: false }, soak: { type: 'string' } },
});
if (values.only !== undefined && !SUITES.includes(values.only)) {
  console.error(`--only ${values.only}: there are ${SUITES.join(', ')}`);
  process.exit(2);
}
const say = (line: string) => process.stderr.write(`${line}\n`);
if (values.soak !== undefined) {
  const seconds = Number(values.soak);
  if (!(seconds > 0) || seconds > 86_400) {
    console.error(`--soak ${values.soak}: seconds, up to a day`);
    process.exit(2);
  }
  await soak(seconds, say);
  process.exit(0);
}

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
  {
    name: 'mml',
    peer: 'iperf3',
    run: benchMml,
    ready: process.getuid?.() === 0 && existsSync('/dev/net/tun') && findProgram('iperf3') !== null,
    line: 'as root, with /dev/net/tun: apt-get install iperf3',
  },
  {
    name: 'mml-guest',
    peer: 'QEMU',
    run: benchMmlGuest,
    ready: findProgram('qemu-system-x86_64') !== null,
    line: 'npx roamlab setup',
  },
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
  for (const result of await suite.run(say)) results.push({ goal: goal(result.name), ...result });
}
if (values.json) console.log(JSON.stringify({ load, results }, null, 2));
else {
  console.table(
    results.map((r) => ({
      what: r.name,
      roamlab: `${r.ours.toPrecision(4)} ${r.unit}`,
      peer: `${r.peer.toPrecision(4)} ${r.unit}`,
      ratio: `${r.ratio.toFixed(r.ratio < 2 ? 2 : 1)}x`,
      goal: r.goal === null ? '' : `${r.goal}x`,
    })),
  );
}
