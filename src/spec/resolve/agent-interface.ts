/** The helper of an agent makes a TUN interface there (plan/helper.ts), whose name nobody else may have. */
import type { MmlTunnel } from '../../types/experiment.ts';
import type { Context } from './context.ts';

const AGENT_TUN = 'tfa0';
const WHY = 'the agent on this node has an interface of this name: rename yours';

export function checkAgentInterfaces(context: Context, tunnels: readonly MmlTunnel[]): void {
  for (const { name, snoop, interfaces } of context.nodes.values()) {
    if (snoop === undefined && !tunnels.some(({ agents }) => agents.includes(name))) continue;
    const taken = {
      code: 'E_SPEC_CONFLICT',
      message: `"${AGENT_TUN}" is taken on "${name}"`,
      at: 'key',
      got: AGENT_TUN,
      hint: WHY,
    } as const;
    if (interfaces.some((one) => one.name === AGENT_TUN)) context.report(['nodes', name, 'interfaces', AGENT_TUN], taken);
    const own = Object.hasOwn(context.file.ipsec, AGENT_TUN) ? context.file.ipsec[AGENT_TUN]! : undefined;
    if (own !== undefined && [own.initiator, own.responder].includes(name)) context.report(['ipsec', AGENT_TUN], taken);
  }
}
