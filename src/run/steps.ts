/** How each kind of step is carried out. One function per kind; the planner decided everything else. */

import { LISTENING } from '../capture/tcpdump.ts';
import { nanosecondsSince } from '../host/libc.ts';
import { waitFor } from '../host/wait.ts';
import { nodeIpsec } from '../ipsec/config.ts';
import type { ViciMessage } from '../ipsec/vici.ts';
import { type LabStep, labStep } from '../lab/steps.ts';
import type { Action } from '../plan/step.ts';
import { RoamlabError } from '../types/errors.ts';
import { isShaped, WIRE } from '../types/wire.ts';
import { setBitErrors } from './bit-errors.ts';
import { withVici } from './charon.ts';
import { until } from './clock.ts';
import type { RunContext } from './context.ts';
import { runControl } from './control.ts';
import { runEvent } from './events.ts';
import { collect } from './finish.ts';
import { startFlows } from './flows.ts';
import type { Handler } from './handler.ts';
import { giveKeys, startHelper } from './helper.ts';
import { setWireguard } from './wireguard.ts';

const capture: Handler<'capture'> = async (context, step, signal) => {
  const file = context.file(step.file);
  const argv = step.argv.map((word) => (word === step.file ? file : word));
  const process = context.lab.start(step.end.node, argv);
  context.captures.push({ record: { ...step.end, file: step.file, captured: 0, dropped: 0 }, process });
  await waitFor(
    `the capture on ${step.end.node}:${step.end.interface}`,
    () => {
      if (!process.running) throw new RoamlabError('E_CAPTURE', 1, `tcpdump ended: ${process.stderr.trim()}`);
      return LISTENING.test(process.stderr);
    },
    { signal },
  );
};

const charon: Handler<'charon'> = async (context, step, signal) => {
  const { charon: stock, patchedCharon } = context.capabilities;
  const path = step.build === 'stock' ? stock : patchedCharon;
  if (path === null) {
    const hint = step.build === 'stock' ? 'install strongswan-charon' : 'the patched build was not brought here';
    throw new RoamlabError('E_CHARON_MISSING', 3, `no ${step.build} charon executable found`, { hint });
  }
  const process = context.lab.start(step.node, [path], step.env);
  context.charons.set(step.node, { process, socket: step.socket });
  await waitFor(
    `charon on ${step.node}`,
    async () => {
      if (!process.running) throw new RoamlabError('E_CHARON', 1, `charon on ${step.node} ended: ${process.stderr.trim() || 'no message'}`);
      return withVici(context, step.node, async (vici) => (await vici.request('version')).version).catch(() => null);
    },
    { signal, interval: 20 },
  );
};

const load: Handler<'load'> = async (context, step) => {
  const config = nodeIpsec(context.cell, context.psk).find((n) => n.node === step.node);
  if (config === undefined) return;
  await withVici(context, step.node, async (vici) => {
    for (const [id, secret] of Object.entries(config.secrets)) {
      const { secret: data, id: owners } = secret as { secret: string; id: string[] };
      await vici.request('load-shared', { id, type: 'IKE', data, owners });
    }
    for (const [name, pool] of Object.entries(config.pools)) await vici.request('load-pool', { [name]: pool } as ViciMessage);
    for (const [name, connection] of Object.entries(config.connections))
      await vici.request('load-conn', { [name]: connection } as ViciMessage);
  });
};

const initiate: Handler<'initiate'> = async (context, step) => {
  await withVici(context, step.node, (vici) => vici.request('initiate', { child: step.connection, timeout: '20000' }));
};

const quiet: Handler<'quiet'> = async (context, step) => {
  context.lab.write(step.node, step.path, step.content, step.mode);
  await withVici(context, step.node, (vici) => vici.request('reload-settings'));
};

/** Starts the netlink monitor for all armed nodes and an iproute2 process per node and tool that waits for its lines. */
const arm: Handler<'arm'> = async (context, step) => {
  const tools = new Set(
    context.measurement
      .flat()
      .flatMap((s) => (s.do === 'event' ? s.batches : []))
      .filter((b) => b.node === step.node)
      .map((b) => b.tool),
  );
  for (const tool of tools) context.armed.push({ node: step.node, tool, process: context.lab.start(step.node, [tool, '-batch', '-']) });
  if (context.watching) return;
  context.watching = true;
  const names = [...context.cell.nodes.map((n) => n.name), ...(context.cell.links.some(isShaped) ? [WIRE] : [])];
  const nodes = names.map((node) => ({ node, namespace: context.lab.netnsPath(node) }));
  await context.instruments.monitor.watch(context.epoch, nodes);
};

const wait: Handler<'wait'> = async (context, step, signal) => {
  const from = step.from === 'flow-start' ? context.flowsStart : nanosecondsSince(context.epoch);
  await until(context, from + step.seconds * 1e9, signal);
};

const onLab = (context: RunContext, step: LabStep): Promise<void> => labStep(context.lab, step);

export const handlers: { [K in Action['do']]: Handler<K> } = {
  open: onLab,
  batch: onLab,
  settings: onLab,
  offloads: onLab,
  links: onLab,
  'verify-shape': onLab,
  'private-run': async (context, step) => context.lab.privateRun(step.node),
  write: async (context, step) => context.lab.write(step.node, step.path, step.content, step.mode),
  capture,
  charon,
  load,
  initiate,
  wireguard: setWireguard,
  helper: startHelper,
  'helper-keys': giveKeys,
  'bit-errors': setBitErrors,
  quiet,
  arm,
  flows: startFlows,
  event: runEvent,
  control: runControl,
  wait,
  collect,
};
