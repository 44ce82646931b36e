/** What a flow's throughput and retransmissions are, as facts of the flow and as metrics of the run. */
import type { Flow } from '../types/experiment.ts';
import type { MetricInput } from './input.ts';
import type { Measured } from './measured.ts';
import type { Moment } from './moment.ts';
import { type Repair, retransmissionsWithin } from './repairs.ts';
import type { FlowResult } from './stalled.ts';
import { meanRate, throughputOf } from './throughput.ts';

/**
 * Adds `throughput` and `retransmissions` to the facts in `result`. Metrics by name: T_RECOVER (seconds) and throughput (bit/s; the
 * mean of the flow when there is no t0) of flows that repair what is lost, retransmitted (chunks from t0 until the flows stop) of sctp; `repairs`: as
 * repairsOf has them.
 */
export function transfer(
  { run }: MetricInput,
  moment: Moment,
  flow: Flow,
  { facts, outage, portions }: FlowResult,
  repairs: readonly Repair[] | null | undefined,
): Record<string, Measured> {
  const throughput = throughputOf(run, moment, portions, outage);
  if (throughput !== null) facts.throughput = throughput;
  if (repairs) facts.retransmissions = retransmissionsWithin(repairs, moment.t0 ?? Number.NEGATIVE_INFINITY, run.flowsStop);
  if (flow.kind === 'udp') return {};
  const recovered = throughput?.recovered ?? null;
  const rate = moment.t0 === null ? meanRate(run, portions) : (throughput?.before ?? null);
  const values: Record<string, Measured> = {
    [`T_RECOVER.${flow.name}`]: {
      value: recovered,
      ...(moment.t0 === null || recovered === 0 ? {} : { from: moment.t0 }),
      notes: recovered === null && moment.t0 !== null ? ['the throughput before the event was not reached again'] : [],
    },
    [`throughput.${flow.name}`]: { value: rate, notes: rate === null ? ['no time before the event'] : [] },
  };
  if (flow.kind === 'sctp') {
    const { retransmissions } = facts;
    values[`retransmitted.${flow.name}`] = {
      value: retransmissions === undefined ? null : retransmissions.timeout + retransmissions.fast,
      notes: retransmissions === undefined ? ['no capture shows what the sender sent'] : [],
    };
  }
  return values;
}
