/** Agents of a tunnel: nodes between its ends that get the keys of zone 1. */
import type { FileMml } from '../schema/mml.ts';
import type { ConnectionEnds } from './connection-ends.ts';
import { type Context, nodeAt, type Way } from './context.ts';
import { wayTo } from './routing.ts';

const forwarders = ({ legs }: Way): string[] => legs.slice(0, -1).map(({ to }) => to.node);

/** Nodes that forward the tunnel's packets both ways. */
export function between(context: Context, { initiator, responder, here, there }: ConnectionEnds): string[] {
  const [forth, back] = [wayTo(context, initiator.name, there, here), wayTo(context, responder.name, here, there)];
  const returning = forwarders(back);
  return forwarders(forth).filter((node) => returning.includes(node));
}

export function checkAgents(context: Context, name: string, { agents }: FileMml, ends: ConnectionEnds): void {
  const able = between(context, ends);
  for (const [index, agent] of agents.entries()) {
    const path = ['ipsec', name, 'agents', index];
    const refuse = (code: string, message: string, hint: string) => context.report(path, { code, message, hint });
    const node = nodeAt(context, agent, path);
    if (node === null) continue;
    if (agents.indexOf(agent) !== index) refuse('E_SPEC_CONFLICT', `"${agent}" is listed twice`, 'remove one');
    else if (node === ends.initiator || node === ends.responder) {
      refuse('E_SPEC_AGENT', `"${agent}" is an end of the tunnel`, 'ends have all keys: remove it');
    } else if (!node.forwarding) {
      refuse('E_SPEC_AGENT', `"${agent}" does not forward`, 'an agent is a router on the way: "role: router" or "forwarding: true"');
    } else if (context.sound && !able.includes(agent)) {
      const hint = able.length === 0 ? 'no node lies between the ends' : `on the way there and back: ${able.join(', ')}`;
      refuse('E_SPEC_AGENT', `packets of the tunnel do not pass "${agent}" both ways`, hint);
    }
  }
}
