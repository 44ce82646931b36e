/** Starting flows: UDP, SCTP and MPTCP through the traffic thread, bulk TCP through iperf3. */
import { setMaxListeners } from 'node:events';
import { nanosecondsSince } from '../host/libc.ts';
import { deriveSeed, prng } from '../host/random.ts';
import { waitFor } from '../host/wait.ts';
import type { LabProcess } from '../lab/lab.ts';
import { drainTime } from '../plan/plan.ts';
import type { Endpoint } from '../traffic/protocol.ts';
import type { Flow } from '../types/experiment.ts';
import { addressChanges, recordChanges } from './asconf.ts';
import { until } from './clock.ts';
import type { RunContext } from './context.ts';
import type { Handler } from './handler.ts';

/** Between "go" and the first packet, ns: the traffic thread must have its schedule before it begins. */
const HEAD_START = 20e6;

/**
 * The flows, and with them the events, begin at an instant of the next second that the seed chooses: where it falls between the ticks
 * and timers of kernel and daemons (none of those that matter here is slower) is as much chance as it is outside a laboratory.
 */
const PHASES = 1e9;

async function openBulk(context: RunContext, flow: Flow, signal: AbortSignal): Promise<LabProcess> {
  const server = context.lab.start(flow.to, ['iperf3', '-s', '-1', '-p', String(flow.port), '-B', flow.destination, '--forceflush']);
  let said = '';
  server.child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await waitFor(`iperf3 on ${flow.to}`, () => said.includes('Server listening'), { signal });
  return server;
}

/** It takes whole seconds, and counts them from when its two ends have agreed on the test: some round trips after its start. */
async function startBulk(context: RunContext, flow: Flow, signal: AbortSignal): Promise<LabProcess> {
  await until(context, context.flowsStart, signal);
  const seconds = Math.max(1, Math.ceil(context.cell.duration));
  const argv = ['iperf3', '-c', flow.destination, '-B', flow.source, '-p', String(flow.port), '-t', String(seconds), '-i', '0.1', '-J'];
  const rate = flow.rate > 0 ? ['-b', String(flow.rate)] : [];
  return context.lab.start(flow.from, [...argv, ...rate, '--logfile', context.file(`flows/${flow.name}.iperf3.json`)]);
}

type EngineFlow = Flow & { kind: 'udp' | 'sctp' | 'mptcp' };
const inEngine = (flow: Flow): flow is EngineFlow => flow.kind !== 'tcp';

/** What the traffic thread is told of a flow. */
function endpoint({ cell, lab }: RunContext, flows: readonly Flow[], index: number, flow: EngineFlow, phase: number): Endpoint {
  const { name, port, rate, size } = flow;
  const common = { index, name, port, rate, size, phase, fromNamespace: lab.netnsPath(flow.from), toNamespace: lab.netnsPath(flow.to) };
  if (flow.kind === 'udp') {
    return {
      ...common,
      source: flow.byRoute === true ? null : flow.source,
      destination: flow.destination,
      ...(flow.answers === undefined ? {} : { answers: flows.findIndex((other) => other.name === flow.answers) }),
      ...(cell.measure.includes('CPU') ? { stampRead: true as const } : {}),
    };
  }
  return {
    ...common,
    protocol: flow.kind,
    sources: flow.sources ?? [flow.source],
    destinations: flow.destinations ?? [flow.destination],
    client: flow.client === flow.to ? 'receiver' : 'sender',
    ...(flow.sctp?.autoAsconf === true ? { anyAddress: true as const } : {}),
  };
}

export const startFlows: Handler<'flows'> = async (context, step, signal) => {
  setMaxListeners(100, signal);
  const { cell } = context;
  const { seed } = context.moment;
  const random = prng(seed);
  const endpoints = step.flows.flatMap((flow, index) => (inEngine(flow) ? [endpoint(context, step.flows, index, flow, random())] : []));
  await context.instruments.traffic.open(endpoints, context.epoch);
  const bulk = step.flows.filter(({ kind }) => kind === 'tcp');
  const servers = await Promise.all(bulk.map((flow) => openBulk(context, flow, signal)));
  context.flowsStart = nanosecondsSince(context.epoch) + HEAD_START + Math.floor(prng(deriveSeed(seed, 'start'))() * PHASES);
  context.flowsStop = context.flowsStart + cell.duration * 1e9;
  for (const [i, flow] of bulk.entries()) {
    const client = startBulk(context, flow, signal);
    client.catch(() => {}); // as with the traffic below
    context.bulk.push({ name: flow.name, client, server: servers[i] as LabProcess });
  }
  const asked = addressChanges(context, step.flows);
  context.traffic = context.instruments.traffic
    .run(
      context.flowsStart,
      context.flowsStop,
      drainTime(cell) * 1e9,
      asked.map(({ change }) => change),
    )
    .then(({ flows, changed }) => {
      recordChanges(context.events, asked, changed);
      return flows;
    });
  context.traffic.catch(() => {}); // awaited, and its error seen, when the run is collected
};
