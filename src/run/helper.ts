/** The ESP/SNOOP helpers of a run: started with the lab, given the run's keys, asked for their counts, and ended. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HelperClient } from '../helper/client.ts';
import type { LabProcess } from '../lab/lab.ts';
import { RoamlabError } from '../types/errors.ts';
import type { HelperStatistics } from '../types/helper.ts';
import type { RunContext } from './context.ts';
import { agentKeys, endKeys, type TunnelSecrets, tunnelSecrets } from './csa-keys.ts';
import type { Handler } from './handler.ts';

/** ms a helper may take to end, or an ended one to be seen as such */
const ENDING = 5000;

/** In the checkout, or beside the guest's bundle (vm/bundle.ts). */
export const helperProgram = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../helper/main.ts' : './helper.mjs', import.meta.url));

const died = (node: string, { stderr }: LabProcess): RoamlabError =>
  new RoamlabError('E_HELPER', 1, `the helper of ${node} ended: ${stderr.trim() || 'no message'}`);

const ended = (process: LabProcess): Promise<boolean> =>
  Promise.race([process.ended().then(() => true), delay(ENDING, false, { ref: false })]);

/** Where a request fails because the helper is gone, what it said last is what is wanted. */
async function asked<T>(node: string, process: LabProcess, what: Promise<T>): Promise<T> {
  try {
    return await what;
  } catch (error) {
    const closed = error instanceof RoamlabError && error.code === 'E_HELPER' && error.message.includes('(closed)');
    if (closed && (await ended(process))) throw died(node, process);
    throw error;
  }
}

export const startHelper: Handler<'helper'> = async (context, { node, socket, setup }, signal) => {
  const child = context.lab.start(node, [process.execPath, helperProgram(), socket]);
  const alive = () => {
    signal.throwIfAborted();
    if (!child.running) throw died(node, child);
  };
  const client = await HelperClient.connect(context.lab.path(node, socket), { alive });
  context.helpers.set(node, { process: child, client });
  await asked(node, child, client.open(setup));
};

/** Of all tunnels of the cell, for this run. */
export function secretsOf(context: RunContext): TunnelSecrets[] {
  context.secrets ??= tunnelSecrets(context.cell.mml ?? [], context.psk);
  return context.secrets;
}

export const giveKeys: Handler<'helper-keys'> = async (context, { node, tunnels, agentOf, writer }) => {
  const helper = context.helpers.get(node);
  if (helper === undefined) throw new Error(`no helper on ${node}`);
  const of = (wanted: typeof tunnels) => secretsOf(context).filter(({ tunnel }) => wanted.some(({ name }) => name === tunnel.name));
  const keys = {
    tunnels: of(tunnels).map((secrets) => endKeys(secrets, node)),
    agent: writer === 0 ? null : { csas: of(agentOf).flatMap(agentKeys), writer },
  };
  await asked(node, helper.process, helper.client.keys(keys));
};

/** Throws E_HELPER (exit 1) with the words of a helper that has ended by itself. */
export function requireHelpers({ helpers }: RunContext): void {
  for (const [node, { process }] of helpers) if (!process.running) throw died(node, process);
}

/** What each helper counted. Throws E_HELPER (exit 1) with the words of one that ended before the run did. */
export async function helperStatistics(context: RunContext): Promise<Record<string, HelperStatistics>> {
  const answers = [...context.helpers].map(
    async ([node, { process, client }]) => [node, await asked(node, process, client.statistics())] as const,
  );
  return Object.fromEntries(await Promise.all(answers));
}

/** Has all helpers wipe their keys and end. */
export async function stopHelpers(context: RunContext): Promise<void> {
  await Promise.all(
    [...context.helpers].map(async ([node, { process, client }]) => {
      await asked(node, process, client.stop());
      if (!(await ended(process))) throw new RoamlabError('E_HELPER', 1, `the helper of ${node} did not end`);
      if (process.child.exitCode !== 0) throw died(node, process);
    }),
  );
  context.helpers.clear();
}
