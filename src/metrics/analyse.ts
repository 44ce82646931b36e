/** One run's facts from one run's data. Never throws on odd data: what could not be observed is null with a note. */
import type { RunFacts } from '../types/run.ts';
import { cpuOf } from './cpu.ts';
import type { Span } from './gates/host.ts';
import { gatesOf } from './gates/index.ts';
import { goodput } from './goodput.ts';
import { type MetricInput, mobileNode } from './input.ts';
import { describeEvent, ladderOf } from './ladder/index.ts';
import type { Measured } from './measured.ts';
import { momentOf } from './moment.ts';
import { repairsOf } from './repairs.ts';
import { locallyRepaired, stagesOf, wirelessNotes } from './stages.ts';
import { stalled } from './stalled.ts';
import { ruledText, stalledBy } from './stalled-by.ts';
import { tIke } from './t-ike.ts';
import { tRc } from './t-rc.ts';
import { tSctp } from './t-sctp.ts';
import { firstMove, tSys } from './t-sys.ts';
import { tSysParts } from './t-sys-parts.ts';
import { tUpdate } from './t-update.ts';
import { traceOf } from './trace.ts';
import { transfer } from './transfer.ts';

/**
 * Computes every metric, gate and the ladder of a run. Times in `metrics` are seconds, `loss.<flow>` and `retransmitted.<flow>` packets,
 * `throughput.<flow>` and `goodput.<flow>` bit/s, `cwnd.<flow>` segments, `CPU.<node>.<flow>` instructions, `stages.<node>.<stage>` seconds per
 * packet. `T_STALLED.<flow>` is per flow, `T_SWITCH.<flow>` for flows towards the MN.
 */
export function analyseRun(input: MetricInput): RunFacts {
  const { cell, run } = input;
  const moment = momentOf(input);
  const trace = traceOf(input);
  const mobile = mobileNode(cell);
  const flows = new Map(cell.flows.map((flow) => [flow.name, stalled(input, trace, moment, flow)]));
  const associations = cell.flows.filter(({ kind }) => kind === 'sctp');
  const repairs = new Map(associations.map((flow) => [flow.name, repairsOf(input, trace, flow)]));
  const notes = [...moment.notes];
  const metrics: RunFacts['metrics'] = {};
  const spans: Span[] = [];
  const take = (name: string, { value, from, notes: why }: Measured): void => {
    metrics[name] = value;
    if (value !== null && from !== undefined) spans.push({ metric: name, from, value });
    // a null run observes no probe by design, nor one without a timeline what nobody asked for; saying so each time would hide what matters
    const expected = cell.timeline.length > 0 || cell.measure.some((base) => name === base || name.startsWith(`${base}.`));
    if (value !== null || (expected && !run.nullEvent)) notes.push(...why.map((note) => `${name}: ${note}`));
  };
  take('T_IKE', tIke(input, trace));
  if (associations.length > 0) take('T_SCTP', tSctp(input, trace));
  const move = firstMove(input, trace, moment);
  const sys = tSys(input, trace, moment, move);
  if (associations.length === 0) take('T_SYS', sys);
  else {
    const { timer, rest, note } = tSysParts(input, trace, moment.t0, move, repairs);
    take('T_SYS', { ...sys, notes: [...sys.notes, ...(note === null ? [] : [note])] });
    take('T_SYS.timer', timer);
    take('T_SYS.rest', rest);
  }
  take('T_RC', tRc(input, trace, moment));
  take('T_UPDATE', tUpdate(input, trace, moment));
  for (const flow of cell.flows) {
    const result = flows.get(flow.name)!;
    const { stalled: value, gapStart: from } = result.facts;
    metrics[`T_STALLED.${flow.name}`] = value;
    if (value !== null && from !== null) spans.push({ metric: `T_STALLED.${flow.name}`, from, value });
    if (flow.to === mobile) metrics[`T_SWITCH.${flow.name}`] = result.facts.stalled;
    metrics[`loss.${flow.name}`] = flow.kind === 'tcp' ? null : result.facts.lost;
    notes.push(...result.notes);
    if (flow.kind === 'sctp') {
      const ruled = stalledBy(input, trace, flow, result.outage, repairs.get(flow.name) ?? null);
      result.facts.stalledBy = ruled;
      if (ruled !== null) notes.push(`${flow.name}: ${ruledText(ruled)}`);
    }
    for (const [name, value] of Object.entries(transfer(input, moment, flow, result, repairs.get(flow.name)))) take(name, value);
    if (flow.kind === 'tcp') for (const [name, value] of Object.entries(goodput(input, trace, moment, flow, result))) take(name, value);
    for (const [node, value] of cpuOf(input, trace, moment, flow)) take(`CPU.${node}.${flow.name}`, value);
  }
  for (const [name, value] of Object.entries({ ...locallyRepaired(input), ...stagesOf(input) })) take(name, value);
  notes.push(...wirelessNotes(input));
  const gates = gatesOf(input, trace, moment, flows, spans);
  return {
    cell: run.cell,
    run: run.run,
    nullEvent: run.nullEvent,
    seed: run.seed,
    event: moment.event === null ? null : `${describeEvent(moment.event)} at ${moment.event.node}`,
    t0: moment.t0,
    epoch: run.epoch,
    metrics,
    flows: Object.fromEntries([...flows].map(([name, { facts }]) => [name, facts])),
    gates,
    valid: gates.every((gate) => gate.ok || gate.severity === 'warning'),
    notes,
    ladder: ladderOf(input, trace, moment, flows),
  };
}
