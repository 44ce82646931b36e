/**
 * The event led to a handover: the UPDATE exchange was answered (where MOBIKE is on) and every flow went on. A null run
 * must not move at all. Without this a run in which nothing happened would look like an excellent one.
 */
import type { Gate } from '../../types/run.ts';
import { exchangesFrom, isUpdate } from '../exchange.ts';
import { type MetricInput, mobileConnection, mobileNode } from '../input.ts';
import type { Moment } from '../moment.ts';
import type { FlowResult } from '../stalled.ts';
import type { Trace } from '../trace.ts';

export function handover(input: MetricInput, trace: Trace, moment: Moment, flows: Map<string, FlowResult>): Gate {
  const gate = (problems: string[], fine: string): Gate => ({
    name: 'handover',
    ok: problems.length === 0,
    severity: 'invalid',
    detail: problems.join('; ') || fine,
  });
  const updates = exchangesFrom(trace, mobileNode(input.cell)).filter(isUpdate);
  if (input.run.nullEvent) {
    const moved = updates.some((update) => update.requests[0]!.t >= input.run.flowsStart);
    return gate(moved ? ['the SA moved in a null run'] : [], 'none, as it should be in a null run');
  }
  const { event, t0 } = moment;
  if (event === null) return gate([], 'the cell has no event');
  if (t0 === null) return gate(['the event was never issued'], '');
  const problems: string[] = [];
  if (mobileConnection(input.cell)?.mobility === 'mobike' && event.kind !== 'interface-up') {
    const answered = updates.some((update) => update.requests[0]!.t >= t0 && update.responses.length > 0);
    if (!answered) problems.push('no handover observed: no answered UPDATE_SA_ADDRESSES after the event');
  }
  for (const [name, { outage }] of flows) {
    if (outage?.kind === 'silent') problems.push(`flow ${name} delivered nothing`);
    if (outage?.kind === 'not-resumed') problems.push(`flow ${name} did not resume`);
  }
  return gate(problems, 'the SA moved and every flow went on');
}
