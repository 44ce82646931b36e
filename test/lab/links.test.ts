/** Shapes do what they say, in the guest: round-trip times through every profile, and random loss. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROFILES } from '../../src/spec/index.ts';
import type { RunFacts } from '../../src/types/run.ts';
import { roamlab, scratchFolder } from './cli.ts';

const experiment = (name: string, link: string, rest: string): string => `
name: ${name}
runs: 1
nodes:
  na: { interfaces: { eth1: 10.0.0.1/24 } }
  nb: { interfaces: { eth1: 10.0.0.2/24 } }
links:
  - { ends: [na:eth1, nb:eth1], ${link} }
${rest}`;

async function factsOf(yaml: string): Promise<Record<string, RunFacts>> {
  const folder = scratchFolder();
  const file = join(folder, 'links.yaml');
  writeFileSync(file, yaml);
  const out = join(folder, 'out');
  const { code, stdout, stderr } = await roamlab(['run', file, '--backend', 'vm', '--json', '--out', out]);
  expect(code, stderr).toBe(0);
  const cells = (JSON.parse(stdout) as { cells: { cell: string }[] }).cells.map((c) => c.cell);
  return Object.fromEntries(
    cells.map((cell) => [cell, JSON.parse(readFileSync(join(out, 'cells', cell, 'run-001/facts.json'), 'utf8')) as RunFacts]),
  );
}

test('a flow through each profile measures its nominal round-trip time within 1 ms', async () => {
  const names = Object.keys(PROFILES) as (keyof typeof PROFILES)[];
  const flows = '  up: { from: na, to: nb, rate: 50/s, size: 100B }\n  down: { from: nb, to: na, rate: 50/s, size: 100B }';
  const yaml = experiment('rtt', `profile: "\${access}"`, `duration: 2s\nmatrix: { access: [${names.join(', ')}] }\nflows:\n${flows}\n`);
  const facts = await factsOf(yaml);
  const measured = names.map((name) => {
    const flows = facts[`access=${name}`]?.flows;
    return { name, rtt: (flows?.up?.oneWayDelay ?? Number.NaN) + (flows?.down?.oneWayDelay ?? Number.NaN) };
  });
  for (const { name, rtt } of measured) expect(Math.abs(rtt - nominal(name)), `${name}: ${(rtt * 1e3).toFixed(2)} ms`).toBeLessThan(1e-3);
});

/** Twice the delay and the serialisation of a packet of 100 octets, 28 of IP and UDP headers and 14 of Ethernet; seconds. */
function nominal(name: keyof typeof PROFILES): number {
  const { delay, rate } = PROFILES[name].shape;
  return 2 * (delay + (rate > 0 ? (142 * 8) / rate : 0));
}

test('2 % loss over 20 000 packets lies within the binomial 99 % interval', async () => {
  const rest = 'duration: 20s\ncapture: [nb:eth1]\nflows:\n  up: { from: na, to: nb, rate: 1000/s, size: 64B }\n';
  const { all } = await factsOf(experiment('loss', 'delay: 1ms, loss: 2%', rest));
  const { sent, lost } = all?.flows.up ?? { sent: 0, lost: 0 };
  expect(sent).toBe(20_000);
  const margin = 2.5758 * Math.sqrt(20_000 * 0.02 * 0.98);
  expect(lost).toBeGreaterThan(400 - margin);
  expect(lost).toBeLessThan(400 + margin);
});
