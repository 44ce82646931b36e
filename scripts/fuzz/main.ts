/** `npm run fuzz [-- --seconds N] [--seed S] [--only spec|pcap|mml|fast]`: the fuzzers, one after the other; exit 1 on a finding. */
import { parseArgs } from 'node:util';
import { fuzzFast } from './fast.ts';
import { fuzzMml } from './mml.ts';
import { fuzzPcap } from './pcap.ts';
import { fuzzSpec } from './spec.ts';

const TARGETS = { spec: fuzzSpec, pcap: fuzzPcap, mml: fuzzMml, fast: fuzzFast };

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, only: { type: 'string' } },
});
if (values.only !== undefined && !Object.hasOwn(TARGETS, values.only)) {
  console.error(`--only ${values.only}: there are ${Object.keys(TARGETS).join(', ')}`);
  process.exit(2);
}
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const rows: { target: string; seconds: number; cases: number; findings: number }[] = [];
for (const [target, fuzz] of Object.entries(TARGETS)) {
  if (values.only !== undefined && values.only !== target) continue;
  const { cases, findings } = await fuzz(seconds, seed, (line) => console.log(`${target}: ${line}`));
  rows.push({ target, seconds, cases, findings: findings.length });
}
console.table(rows);
process.exitCode = rows.some((row) => row.findings > 0) ? 1 : 0;
