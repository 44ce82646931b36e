/** Events that the traffic thread carries out at its own sockets: addresses of an SCTP association that come, go and are preferred. */
import { errnoText } from '../host/errno.ts';
import type { AddressChange, AddressChanged } from '../traffic/protocol.ts';
import { RoamlabError } from '../types/errors.ts';
import type { AsconfCommand, Flow, TimedEvent } from '../types/experiment.ts';
import type { EventRecord } from '../types/run.ts';
import type { RunContext } from './context.ts';

export interface AskedChange {
  /** place of the event in the timeline */
  index: number;
  event: TimedEvent & AsconfCommand;
  change: AddressChange;
}

/** The changes of a run, in the order of its timeline; none in a null run. Times are ns since the run's epoch. */
export function addressChanges(
  { cell, moment, flowsStart }: Pick<RunContext, 'cell' | 'moment' | 'flowsStart'>,
  flows: readonly Flow[],
): AskedChange[] {
  if (moment.nullEvent) return [];
  return cell.timeline.flatMap((event, index) => {
    if (event.kind !== 'asconf') return [];
    const flow = flows.findIndex(({ name }) => name === event.flow);
    const end = flows[flow]?.from === event.node ? 'sender' : 'receiver';
    return [{ index, event, change: { flow, at: flowsStart + event.at * 1e9, action: event.action, address: event.address, end } }];
  });
}

/**
 * Puts what came of them among the records of the other events, by time of issue. One that comes after its association has ended is
 * recorded and not confirmed. Throws E_EVENT (exit 1) when the kernel refused one of an association that stood.
 */
export function recordChanges(events: EventRecord[], asked: readonly AskedChange[], changed: readonly (AddressChanged | null)[]): void {
  asked.forEach(({ index, event: { kind, node, flow, action, address }, change }, i) => {
    const came = changed[i] ?? null;
    if (came === null) return;
    const what = `asconf ${action} ${address}`;
    if (came.errno !== 0 && !came.over) {
      throw new RoamlabError('E_EVENT', 1, `${what} of ${flow} on ${node}: ${errnoText(-came.errno)}`);
    }
    const said = `${node}: ${what}${came.over ? `: the association of ${flow} had ended` : ''}`;
    const confirmed = came.over ? null : came.done;
    const notifications = [{ t: came.done, what: said }];
    events.push({ index, kind, node, requested: change.at, issued: came.issued, confirmed, notifications });
  });
  events.sort((a, b) => a.issued - b.issued);
}
