/** IKE messages as ladder entries: who sent what, and when the other side's tap saw it come in. */
import type { IkeInfo } from '../../types/packet.ts';
import type { LadderEntry } from '../../types/run.ts';
import { isMove } from '../exchange.ts';
import type { MetricInput } from '../input.ts';
import type { IkeSighting, Trace } from '../sighting.ts';
import { firstProbe } from '../t-rc.ts';
import { messageLabel } from './label.ts';

export type Entry = Omit<LadderEntry, 'dt'>;

/** Every IKE message between the ends of a connection in [from, to] (ns since epoch). */
export function messageEntries(input: MetricInput, trace: Trace, t0: number | null, from: number, to: number): Entry[] {
  const ends = new Set(input.cell.ipsec.flatMap(({ initiator, responder }) => [initiator, responder]));
  const probe = t0 === null ? null : firstProbe(input, trace, t0);
  const probeIds = new Set(probe?.requests.map((seen) => keyOf(seen)));
  const sent = trace.ike.filter((seen) => seen.way === 'out' && ends.has(seen.node));
  const requests = new Map<string, IkeInfo>();
  for (const seen of sent) if (!seen.ike.response && !requests.has(keyOf(seen))) requests.set(keyOf(seen), seen.ike);
  const copies = new Map<string, number>();
  const taken = new Set<IkeSighting>();
  const entries: Entry[] = [];
  for (const seen of sent) {
    const { ike } = seen;
    const key = `${keyOf(seen)} ${ike.response}`;
    const copy = copies.get(key) ?? 0;
    copies.set(key, copy + 1);
    const there = trace.ike.find(
      (other) =>
        other.node !== seen.node &&
        other.way === 'in' &&
        other.t >= seen.t &&
        ends.has(other.node) &&
        !taken.has(other) &&
        isSame(other, seen),
    );
    if (there !== undefined) taken.add(there);
    if (seen.t < from || seen.t > to) continue;
    const request = requests.get(keyOf(seen));
    const kind = request !== undefined && isMove(request) ? 'update' : probeIds.has(keyOf(seen)) ? 'probe' : 'ike';
    entries.push({
      t: seen.t,
      kind: kind === 'ike' ? kind : ike.response ? (`${kind}-reply` as const) : kind,
      label: messageLabel(ike, request, kind === 'probe', copy),
      from: seen.node,
      to: there?.node ?? peerOf(input, seen.node),
      ...(there === undefined ? {} : { arrived: there.t }),
    });
  }
  return entries;
}

/** One exchange: SPI, message ID and which side began it (the flag names the sender, RFC 7296 section 3.1). */
function keyOf({ ike }: IkeSighting): string {
  return `${ike.initiatorSpi} ${ike.exchange} ${ike.messageId} ${ike.fromInitiator !== ike.response}`;
}

/** The same transmission: a NAT may change addresses, a router never the message; copies go by source port and address. */
function isSame(a: IkeSighting, b: IkeSighting): boolean {
  return (
    keyOf(a) === keyOf(b) &&
    a.ike.response === b.ike.response &&
    a.outer.dst === b.outer.dst &&
    a.outer.payload.length === b.outer.payload.length
  );
}

function peerOf(input: MetricInput, node: string): string {
  const connection = input.cell.ipsec.find(({ initiator, responder }) => initiator === node || responder === node);
  return connection === undefined ? node : connection.initiator === node ? connection.responder : connection.initiator;
}
