/**
 * A chain of 100 nodes up and down, against Mininet doing the same: namespaces, veth pairs, an address on each end, everything up.
 * Ours is the lab part of the code path that `run` takes (plan, Lab, steps), and it does more: private mount and PID
 * namespaces, kernel settings, offloads off and read back. Mininet starts a shell per host, which ours does not. Ours is down only
 * when the kernel has taken the namespaces' interfaces apart, Mininet's when its stop() returns. Neither includes the start of its
 * interpreter, nor Mininet its set-up of this machine's limits. Repetitions alternate; medians; neighbours must reach each other in both.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { run } from '../../src/host/command.ts';
import { AF, bind, close, inNetworkNamespace, poll, receive, SOCK, sendTo, socket, socketAddress } from '../../src/host/libc.ts';
import { waitFor } from '../../src/host/wait.ts';
import { Lab } from '../../src/lab/lab.ts';
import { bringUp } from '../../src/lab/steps.ts';
import { labPlan } from '../../src/plan/plan.ts';
import type { CellExperiment } from '../../src/types/experiment.ts';
import type { BenchResult } from './pcap.ts';

const NODES = 100;
const REPETITIONS = 5;
const network = (i: number): string => `10.${Math.floor(i / 250)}.${i % 250}`;

export function chain(count: number): CellExperiment {
  const iface = (name: string, address: string) => ({ name, kind: 'veth' as const, addresses: [address], mtu: 1500, up: true });
  const nodes = Array.from({ length: count }, (_, i) => ({
    name: `h${i}`,
    forwarding: false,
    interfaces: [
      ...(i > 0 ? [iface('eth0', `${network(i - 1)}.2/24`)] : []),
      ...(i < count - 1 ? [iface('eth1', `${network(i)}.1/24`)] : []),
    ],
    routes: [],
  }));
  const links = Array.from({ length: count - 1 }, (_, i) => ({
    name: `l${i}`,
    ends: [
      { node: `h${i}`, interface: 'eth1' },
      { node: `h${i + 1}`, interface: 'eth0' },
    ] as CellExperiment['links'][number]['ends'],
    forward: null,
    backward: null,
  }));
  const rest = { values: {}, ipsec: [], flows: [], timeline: [], duration: 1, measure: [], captures: [] };
  return { name: 'chain', cell: 'all', nodes, links, ...rest };
}

/** One UDP packet from node i to node i + 1. */
function reaches(lab: Lab, i: number): boolean {
  const open = (node: string, address: string, port: number) =>
    inNetworkNamespace(lab.netnsPath(node), () => {
      const fd = socket(AF.INET, SOCK.DGRAM, 0);
      bind(fd, socketAddress(address, port));
      return fd;
    });
  const sender = open(`h${i}`, `${network(i)}.1`, 0);
  const receiver = open(`h${i + 1}`, `${network(i)}.2`, 4242);
  try {
    sendTo(sender, Buffer.from('chain'), socketAddress(`${network(i)}.2`, 4242));
    return poll([receiver], 2e9) && receive(receiver, Buffer.alloc(64)) === 5;
  } finally {
    close(sender);
    close(receiver);
  }
}

interface Times {
  up: number;
  down: number;
}

/**
 * The kernel takes namespaces apart in the background, many at once. An interface whose peer lives in a node vanishes with that
 * node's own: witnesses at both ends and in the middle tell that everything is really down.
 */
async function plantWitnesses(lab: Lab): Promise<() => Promise<unknown>> {
  const nodes = [0, NODES / 2, NODES - 1];
  const names = nodes.map((i) => `rlw${i}-${process.pid}`);
  const lines = nodes.map((i, at) => `link add name ${names[at]} type veth peer name witness netns ${lab.netnsPath(`h${i}`)}`);
  await run(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  const left = () => names.some((name) => existsSync(`/sys/class/net/${name}`));
  return () => waitFor('the kernel to take the namespaces apart', () => !left(), { interval: 1 });
}

async function ours(cell: CellExperiment): Promise<Times> {
  const plan = labPlan(cell);
  const lab = new Lab(`bench-${process.pid}`);
  const started = performance.now();
  await bringUp(lab, plan);
  const up = (performance.now() - started) / 1000;
  for (const i of [0, NODES / 2, NODES - 2]) if (!reaches(lab, i)) throw new Error(`h${i} does not reach its neighbour`);
  const gone = await plantWitnesses(lab);
  const closing = performance.now();
  await lab.close();
  await gone();
  return { up, down: (performance.now() - closing) / 1000 };
}

async function mininet(): Promise<Times> {
  const script = join(import.meta.dirname, 'mininet-chain.py');
  const { stdout } = await execa('/usr/bin/python3', [script, String(NODES)], { timeout: 300_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Times;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Two results, up and down, in seconds; ratio = Mininet / ours. Needs root and the package mininet. */
export async function benchChain(report: (line: string) => void): Promise<BenchResult[]> {
  const cell = chain(NODES);
  const mine: Times[] = [];
  const theirs: Times[] = [];
  await ours(cell); // compiled and in the page cache, like Mininet's modules after its first run
  await mininet();
  for (let i = 1; i <= REPETITIONS; i++) {
    mine.push(await ours(cell));
    theirs.push(await mininet());
    const [a, b] = [mine.at(-1), theirs.at(-1)];
    const text = (t: Times | undefined) => `up ${t?.up.toFixed(3)} s, down ${t?.down.toFixed(3)} s`;
    report(`chain ${i}/${REPETITIONS}: roamlab ${text(a)}; Mininet ${text(b)}`);
  }
  return (['up', 'down'] as const).map((what) => {
    const [a, b] = [median(mine.map((t) => t[what])), median(theirs.map((t) => t[what]))];
    return { name: `chain of ${NODES} nodes ${what}`, ours: a, peer: b, ratio: b / a, unit: 's' };
  });
}
