/** TCP settings of a flow: a profile and what the file says over it. Both ends get them as settings of the whole node. */
import type { Flow, TcpSettings } from '../../types/experiment.ts';
import type { FileTcp } from '../schema/tcp.ts';
import { TCP_PROFILES } from '../tcp-profiles.ts';
import type { Context } from './context.ts';

export function tcpSettings({ profile, buffer, initialWindow, ...over }: FileTcp): TcpSettings {
  const given = Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined));
  return {
    ...TCP_PROFILES[profile].settings,
    ...given,
    ...(buffer === undefined ? {} : { buffer: buffer === 'auto' ? null : buffer }),
    ...(initialWindow === undefined ? {} : { initialWindow: initialWindow === 'auto' ? null : initialWindow }),
  };
}

/** How the settings of the two differ, in words; undefined: they do not. */
function difference(mine: Flow, theirs: Flow): string | undefined {
  const [a, b] = [mine.tcp, theirs.tcp];
  if (a === undefined) return b && `"${theirs.name}" has TCP settings`;
  if (b === undefined) return `"${theirs.name}" has no TCP settings`;
  const key = (Object.keys(a) as (keyof TcpSettings)[]).find((one) => a[one] !== b[one]);
  return key && `"${theirs.name}" has another "${key}"`;
}

/** A node has one set of them: connections that share a node must agree. MPTCP's subflows are TCP too, and take no settings. */
export function checkTcpSettings(context: Context, flows: readonly Flow[]): void {
  const all = flows.filter(({ kind }) => kind === 'tcp' || kind === 'mptcp');
  for (const [index, flow] of all.entries()) {
    for (const earlier of all.slice(0, index)) {
      const node = [flow.from, flow.to].find((one) => one === earlier.from || one === earlier.to);
      const differing = node === undefined ? undefined : difference(flow, earlier);
      if (differing === undefined) continue;
      const message = `${differing}, and shares the node "${node}"`;
      const hint = 'they are settings of the node: give both flows the same, or each its own "only"';
      const own = flow.tcp === undefined ? ['flows', flow.name] : ['flows', flow.name, 'tcp'];
      context.report(own, { code: 'E_SPEC_CONFLICT', message, at: 'key', got: own.at(-1), hint });
      break;
    }
  }
}
