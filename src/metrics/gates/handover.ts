/**
 * The event led to a handover: it took something away from a flow (taken.ts), the UPDATE exchange was answered and not refused (where the
 * MN's SAs follow it; pinned connections stay where they are), and every flow went on. A null run must not move at all. Without this a run
 * in which nothing happened would look like an excellent one.
 */
import type { Gate } from '../../types/run.ts';
import { type Exchange, exchangesFrom, INFORMATIONAL, isUpdate } from '../exchange.ts';
import { type MetricInput, mobileNode } from '../input.ts';
import { type Moment, prepares } from '../moment.ts';
import { refusal } from '../refusal.ts';
import type { Trace } from '../sighting.ts';
import type { FlowResult } from '../stalled.ts';
import { untouched } from './taken.ts';

/** charon's first retransmission: retransmit_timeout, 4.0 s by default */
const RETRANSMIT_S = 4;

export function handover(input: MetricInput, trace: Trace, moment: Moment, flows: Map<string, FlowResult>): Gate {
  const gate = (problems: string[], fine: string): Gate => ({
    name: 'handover',
    ok: problems.length === 0,
    severity: 'invalid',
    detail: problems.join('; ') || fine,
  });
  const exchanges = exchangesFrom(trace, mobileNode(input.cell));
  const updates = exchanges.filter(isUpdate);
  if (input.run.nullEvent) {
    const moved = updates.some((update) => update.requests[0]!.t >= input.run.flowsStart);
    return gate(moved ? ['the SA moved in a null run'] : [], 'none, as it should be in a null run');
  }
  const { event, t0 } = moment;
  if (event === null) return gate([], 'the cell has no event');
  if (t0 === null) return gate(['the event was never issued'], '');
  const problems: string[] = untouched(input, trace, moment);
  if (t0 >= input.run.flowsStop) problems.push('the event came after the flows had ended');
  const moves = movesSas(input) && !prepares(event);
  if (moves) {
    const answered = updates.filter((update) => update.requests[0]!.t >= t0 && update.responses.length > 0);
    const refusals = answered.map(refusal);
    if (answered.length === 0) problems.push('no handover observed: no answered UPDATE_SA_ADDRESSES after the event');
    else if (!refusals.includes(null)) problems.push(`no handover observed: UPDATE_SA_ADDRESSES was refused (${refusals.at(-1)})`);
  }
  for (const [name, { outage }] of flows) {
    if (outage?.kind === 'silent') problems.push(`flow ${name} delivered nothing`);
    if (outage?.kind === 'not-resumed') problems.push(`flow ${name} did not resume${ended(input, name)}`);
  }
  if (problems.length > 0 && cutShort(exchanges, t0, input.run.flowsStop)) {
    const after = ((input.run.flowsStop - t0) / 1e9).toFixed(1);
    problems.push(
      `flows ended ${after} s after the event; charon repeats a lost message only after ${RETRANSMIT_S} s: make \`duration\` longer`,
    );
  }
  return gate(problems, moves ? 'the SA moved and every flow went on' : 'every flow went on');
}

/** Do the MN's SAs follow it, or do they stay where they are while others carry on? */
function movesSas({ cell }: MetricInput): boolean {
  const mobile = mobileNode(cell);
  return cell.ipsec.some(({ initiator, mobility }) => initiator === mobile && mobility !== 'none');
}

/** Why an association or connection went no further, where its socket said so. */
function ended({ run }: MetricInput, flow: string): string {
  const errors = Object.keys(run.flowErrors?.[flow] ?? {});
  return errors.length === 0 ? '' : `: it ended (${errors.join(', ')})`;
}

/** Did the flows end while a probe or UPDATE that got no answer was still waiting for its first repeat? */
function cutShort(exchanges: Exchange[], t0: number, flowsStop: number): boolean {
  return exchanges.some(({ exchange, requests, responses }) => {
    const first = requests[0]!.t;
    const unanswered = !responses.some(({ t }) => t <= flowsStop);
    return exchange === INFORMATIONAL && first >= t0 && first <= flowsStop && unanswered && first + RETRANSMIT_S * 1e9 > flowsStop;
  });
}
