/** IKE messages as ladder entries: who sent what, and when the other side's tap saw it come in. */
import type { LadderEntry } from '../../types/run.ts';
import { IKE_AUTH, IKE_SA_INIT, INFORMATIONAL, UPDATE_SA_ADDRESSES } from '../exchange.ts';
import type { MetricInput } from '../input.ts';
import { firstProbe } from '../t-rc.ts';
import type { IkeSighting, Trace } from '../trace.ts';

export type Entry = Omit<LadderEntry, 'dt'>;

const NAMES: Record<number, string> = {
  [IKE_SA_INIT]: 'IKE_SA_INIT',
  [IKE_AUTH]: 'IKE_AUTH',
  36: 'CREATE_CHILD_SA',
  [INFORMATIONAL]: 'INFORMATIONAL',
};

/** Every IKE message between the ends of a connection in [from, to] (ns since epoch). */
export function messageEntries(input: MetricInput, trace: Trace, t0: number | null, from: number, to: number): Entry[] {
  const ends = new Set(input.cell.ipsec.flatMap(({ initiator, responder }) => [initiator, responder]));
  const probe = t0 === null ? null : firstProbe(input, trace, t0);
  const probeIds = new Set(probe?.requests.map((seen) => keyOf(seen)));
  const sent = trace.ike.filter((seen) => seen.way === 'out' && ends.has(seen.node));
  const updates = new Set(sent.filter(({ ike }) => !ike.response && carriesUpdate(ike)).map(keyOf));
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
    const kind = updates.has(keyOf(seen)) ? 'update' : probeIds.has(keyOf(seen)) ? 'probe' : 'ike';
    entries.push({
      t: seen.t,
      kind: kind === 'ike' ? kind : ike.response ? (`${kind}-reply` as const) : kind,
      label: label(seen, kind, copy),
      from: seen.node,
      to: there?.node ?? peerOf(input, seen.node),
      ...(there === undefined ? {} : { arrived: there.t }),
    });
  }
  return entries;
}

function label(seen: IkeSighting, kind: 'update' | 'probe' | 'ike', copy: number): string {
  const { ike } = seen;
  const what =
    kind === 'update' ? 'UPDATE_SA_ADDRESSES' : kind === 'probe' ? 'path probe' : (NAMES[ike.exchange] ?? `IKE exchange ${ike.exchange}`);
  const again = copy > 0 ? ` (copy ${copy + 1})` : '';
  return `${what} ${ike.response ? 'response' : 'request'} ${ike.messageId}${again}`;
}

function carriesUpdate(ike: IkeSighting['ike']): boolean {
  return ike.notifies.some(({ type }) => type === UPDATE_SA_ADDRESSES);
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
