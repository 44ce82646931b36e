/**
 * What an SCTP association does about its paths, as ladder entries: the handshake, addresses announced and taken back (RFC 5061), HEARTBEATs,
 * the end, and the first chunk sent again after t0. All other data, and SACKs, would hide the rest.
 */
import type { Packet } from '../../types/packet.ts';
import type { SctpChunk } from '../../types/sctp.ts';
import type { MetricInput } from '../input.ts';
import { endsAt } from '../protection.ts';
import { type Repair, repairsOf } from '../repairs.ts';
import { type AssociationSighting, sightingsAt, type Trace } from '../sighting.ts';
import type { Entry } from './messages.ts';

const SHOWN = new Set([
  ...['INIT', 'INIT-ACK', 'COOKIE-ECHO', 'COOKIE-ACK', 'ASCONF', 'ASCONF-ACK', 'HEARTBEAT', 'HEARTBEAT-ACK'],
  ...['ABORT', 'ERROR', 'SHUTDOWN', 'SHUTDOWN-ACK', 'SHUTDOWN-COMPLETE'],
]);
/** per flow: a storm of HEARTBEATs or ABORTs is no story */
const MOST = 200;

/** Entries of all sctp flows in [from, to] (ns since epoch). */
export function associationEntries(input: MetricInput, trace: Trace, t0: number | null, from: number, to: number): Entry[] {
  return input.cell.flows
    .filter(({ kind }) => kind === 'sctp')
    .flatMap((flow) => {
      const all = trace.associations.get(flow.name)!;
      const seenAt = (node: string, way: 'in' | 'out') => sightingsAt(all, node, way, endsAt(input, flow, node));
      const repair = t0 === null ? undefined : repairsOf(input, trace, flow)?.find(({ t }) => t >= t0);
      return [flow.from, flow.to].flatMap((node) => {
        const other = node === flow.from ? flow.to : flow.from;
        const arrivals = new Arrivals(seenAt(other, 'in').filter(({ t }) => t >= from));
        return seenAt(node, 'out')
          .filter(({ t }) => t >= from && t <= to)
          .map((seen) => ({ seen, label: labelOf(seen, repair) }))
          .filter(({ label }) => label !== null)
          .slice(0, MOST)
          .map(({ seen, label }): Entry => {
            const arrived = arrivals.of(seen);
            const entry: Entry = { t: seen.t, kind: 'sctp', label: label!, from: node, to: other };
            return arrived === undefined ? entry : { ...entry, arrived };
          });
      });
    });
}

/** When copies of a packet came in at the other end, each taken once. */
class Arrivals {
  readonly #byContent = new Map<string, number[]>();

  constructor(seen: readonly AssociationSighting[]) {
    for (const { inner, t } of seen) {
      const key = contentOf(inner);
      const times = this.#byContent.get(key);
      if (times === undefined) this.#byContent.set(key, [t]);
      else times.push(t);
    }
  }

  of({ inner, t }: AssociationSighting): number | undefined {
    const times = this.#byContent.get(contentOf(inner)) ?? [];
    const index = times.findIndex((time) => time >= t);
    return index < 0 ? undefined : times.splice(index, 1)[0];
  }
}

/** All but the checksum, which hardware may fill in after the tap. */
function contentOf({ src, dst, payload }: Packet): string {
  return `${src} ${dst} ${Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1', 12, 140)}`;
}

/** Null for what is not shown. */
function labelOf({ inner, outer }: AssociationSighting, repair: Repair | undefined): string | null {
  const parts = (inner.sctp?.chunks ?? []).filter(({ name }) => SHOWN.has(name)).map(chunkText);
  if (repair !== undefined && repair.outer === outer) {
    const after = ((repair.t - repair.previous) / 1e6).toFixed(1);
    parts.push(repair.cause === 'fast' ? 'DATA again, fast retransmission' : `DATA again, T3-rtx after ${after} ms`);
  }
  return parts.length === 0 ? null : `${parts.slice(0, 3).join(' and ')} ${inner.src} > ${inner.dst}`;
}

function chunkText({ name, content }: SctpChunk): string {
  if (content?.kind === 'asconf') {
    const asked = content.requests.slice(0, 3).map((request) => `${request.name} ${request.address ?? ''}`.trimEnd());
    return [`${name} ${content.serial}`, ...asked].join(' ');
  }
  if (content?.kind === 'asconf-ack') {
    const refused = content.responses.some(({ success }) => !success);
    return `${name} ${content.serial} ${refused ? 'refused' : 'success'}`;
  }
  return name;
}
