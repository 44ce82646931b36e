/** Dynamic protection of a tunnel: modes by count, and of single flows by their ports. */
import { NEVER } from '../../mlipsec/index.ts';
import type { DynamicSettings, Flow, MmlTunnel } from '../../types/experiment.ts';
import { suggest } from '../did-you-mean.ts';
import type { Path } from '../problem.ts';
import type { FileMml } from '../schema/mml.ts';
import { absent, type Context } from './context.ts';

/** Without the flows, whose ports are not known yet. */
export const dynamicSettings = ({ everyNth, otherwise }: NonNullable<FileMml['dynamic']>): DynamicSettings => ({
  ...{ everyNth: everyNth === 'never' ? NEVER : everyNth, otherwise },
  perFlow: [],
});

/** The port a key of `perFlow` means; undefined: none in this cell, which was reported unless the flow is in others. */
function portOf(context: Context, tunnel: MmlTunnel, flows: readonly Flow[], key: string, path: Path): number | undefined {
  const refuse = (code: string, message: string, hint: string | undefined): undefined =>
    context.report(path, { code, message, at: 'key', got: key, hint }) as undefined;
  if (/^\d{1,5}$/.test(key)) {
    const port = Number(key);
    return port >= 1 && port <= 65535 ? port : refuse('E_SPEC_RANGE', `${key} is no port`, 'from 1 to 65535');
  }
  const flow = flows.find(({ name }) => name === key);
  if (flow?.protectedBy === tunnel.name) return flow.port;
  if (flow !== undefined) {
    return refuse(
      'E_SPEC_FLOW_UNPROTECTED',
      `the flow "${key}" does not go through "${tunnel.name}"`,
      'remove it, or compare "protectedBy"',
    );
  }
  if (Object.hasOwn(context.file.flows, key) || absent(context, 'flows', key) === 'other cells') return undefined;
  const hint = suggest(key, Object.keys(context.file.flows)) ?? 'the name of a flow, or a port';
  return refuse('E_SPEC_NO_FLOW', `there is no flow "${key}"`, hint);
}

/** Fills in `perFlow`. */
export function resolvePerFlow(context: Context, tunnels: readonly MmlTunnel[], flows: readonly Flow[]): void {
  for (const tunnel of tunnels) {
    const file = context.file.ipsec[tunnel.name];
    if (tunnel.dynamic === undefined || file?.kind !== 'mml') continue;
    const { perFlow } = tunnel.dynamic;
    for (const [key, mode] of Object.entries(file.dynamic?.perFlow ?? {})) {
      const path: Path = ['ipsec', tunnel.name, 'dynamic', 'perFlow', key];
      const port = portOf(context, tunnel, flows, key, path);
      if (port === undefined) continue;
      if (!perFlow.some((one) => one.port === port)) perFlow.push({ port, mode });
      else
        context.report(path, { code: 'E_SPEC_CONFLICT', message: `port ${port} is listed twice`, at: 'key', got: key, hint: 'keep one' });
    }
  }
}
