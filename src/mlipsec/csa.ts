/**
 * The composite SA: a zone map and one SA per zone, for one direction. The SA of zone 1 is the designated one; what belongs to the
 * datagram as a whole is kept here. One zone and layout P make ordinary ESP (RFC 4303).
 */
import { type Cut, cutOf, ESP_HEADER, type Layout, plainLength, type Span, spansOf, type UnitSizes, unitLength } from './geometry.ts';
import { END_NODE } from './iv.ts';
import { ReplayWindow } from './replay.ts';
import type { ZoneSa } from './sa.ts';
import { PAPER_ZONES, type ZoneMap, zoneMapFault } from './zones.ts';

/** An end that sends, an end that receives, a foreign agent on the way: who may do what with the keys. */
export type Role = 'send' | 'receive' | 'forward';

/**
 * What ties later zones to zone 1. none: nothing, as in the paper; zones of two datagrams can be put together. seq: SPI and sequence number
 * of the datagram. hdr: these and all of zone 1 that a foreign agent has no business changing.
 */
export type Bind = 'none' | 'seq' | 'hdr';

export interface CsaOptions {
  role: Role;
  /** one per zone; null where a foreign agent has no keys */
  sas: readonly (ZoneSa | null)[];
  zones?: ZoneMap;
  layout?: Layout;
  /** default `hdr`, or `none` where a later zone has no ICV that could cover anything */
  bind?: Bind;
  /** packets of the replay window */
  window?: number;
}

const MAX_SEQ = 0xffff_ffff;
const REKEY_AT = 2 ** 31;

export class Csa {
  readonly role: Role;
  readonly zones: ZoneMap;
  readonly layout: Layout;
  readonly bind: Bind;
  readonly sas: readonly (ZoneSa | null)[];
  readonly spans: readonly Span[];
  /** octets of a zone's unit when the datagram reaches beyond the zone; Infinity for the last */
  readonly full: readonly number[];
  readonly replay: ReplayWindow;
  readonly designated: ZoneSa;
  /** room for the plaintext of zone 1 */
  readonly scratch: Uint8Array;
  /** of each zone, written anew for each packet: memory made for each would be the dearest part of sealing it */
  readonly aads: readonly Uint8Array[];
  readonly #sizes: readonly UnitSizes[];
  #cut: Cut = { length: -1, total: 0, units: [] };
  #seq = 0;
  #owned: ZoneSa[];

  /** Throws a TypeError when zone map, SAs and role do not go together. Takes the SAs over. */
  constructor({ role, sas, zones = PAPER_ZONES, layout = 'P', bind, window }: CsaOptions) {
    const fault = zoneMapFault(zones) ?? roleFault(role, zones, sas);
    if (fault !== null) throw new TypeError(fault);
    const bindable = sas.slice(1).every((sa) => sa === null || sa.suite.icv > 0);
    if (bind !== undefined && bind !== 'none' && !bindable) throw new TypeError('a zone without an ICV can be bound to nothing');
    this.role = role;
    this.zones = zones;
    this.layout = layout;
    this.bind = bind ?? (bindable ? 'hdr' : 'none');
    this.sas = [...sas];
    this.designated = sas[0]!;
    this.#sizes = sas.map((sa) => sa?.suite ?? { iv: 0, align: 1, icv: 0 });
    this.spans = spansOf(layout, zones);
    this.full = this.spans.map((span, k) => {
      const sa = sas[k];
      return span.last || !sa ? Number.POSITIVE_INFINITY : unitLength(span, sa.suite, span.end - span.start);
    });
    this.aads = zones.map((_, k) => new Uint8Array(aadLength(k, this.bind, zones[0]!.end ?? 0)));
    this.replay = new ReplayWindow(window);
    const first = this.spans[0]!;
    this.scratch = new Uint8Array(first.last ? 65_536 : plainLength(first, this.designated.suite, first.end));
    this.#owned = sas.filter((sa) => sa !== null);
  }

  /** by which a receiver or foreign agent finds the composite SA */
  get spi(): number {
    return this.designated.spi;
  }

  /** the last sequence number sent */
  get seq(): number {
    return this.#seq;
  }

  get destroyed(): boolean {
    for (const sa of this.sas) if (sa?.destroyed === true) return true;
    return false;
  }

  /** No further packet can be sent: sequence numbers never cycle (RFC 4303 section 3.3.3), IVs never repeat. */
  get exhausted(): boolean {
    if (this.#seq >= MAX_SEQ) return true;
    for (const sa of this.sas) if (sa?.iv?.exhausted === true) return true;
    return false;
  }

  /** Half of the sequence numbers are used: time for new keys. */
  get wantsRekey(): boolean {
    return (this.role === 'send' ? this.#seq : this.replay.top) >= REKEY_AT;
  }

  /** How an inner datagram of `length` is cut; only where all SAs are known. Most are as long as the one before. */
  cut(length: number): Cut {
    if (this.#cut.length !== length) this.#cut = cutOf(this.layout, this.spans, this.#sizes, length);
    return this.#cut;
  }

  /** Octets from the SPI to the last ICV around an inner datagram of `length`; only where all SAs are known. */
  sealedLength(length: number): number {
    return this.cut(length).total;
  }

  /** The sequence number of the packet about to be sent. */
  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** Continues after `seq`, for a composite SA moved to another process. */
  resumeAt(seq: number): void {
    this.#seq = Math.max(this.#seq, Math.min(seq, MAX_SEQ));
  }

  /**
   * The composite SA after new keys for zone 1 only: sequence numbers and window start again, the later zones' SAs go over to it with
   * their IV counters. This one still receives until it is destroyed, which leaves the later zones alone.
   */
  rekeyHeader(zone1: ZoneSa): Csa {
    const { role, zones, layout, bind, sas, replay } = this;
    const next = new Csa({ role, zones, layout, bind, sas: [zone1, ...sas.slice(1)], window: replay.size });
    this.#owned = this.#owned.filter((sa) => sa === this.designated);
    return next;
  }

  /** Destroys the SAs that have not gone over to a successor. */
  destroy(): void {
    for (const sa of this.#owned) sa.destroy();
    this.scratch.fill(0);
  }
}

function roleFault(role: Role, zones: ZoneMap, sas: readonly (ZoneSa | null)[]): string | null {
  if (sas.length !== zones.length) return `${zones.length} zones take as many SAs`;
  if (!sas[0]) return 'the designated SA is missing';
  if (role !== 'forward') {
    if (sas.some((sa) => sa === null)) return 'an end has the SAs of all zones';
    if (role === 'send' && sas.some((sa) => sa?.iv?.writer !== END_NODE)) return `an end that sends writes IVs of writer ${END_NODE}`;
    return null;
  }
  if (zones.some((zone, k) => sas[k] && !zone.faAccess)) return 'a foreign agent has keys of zones it has access to, and no others';
  if (sas.some((sa) => sa?.iv?.writer === END_NODE)) return `a foreign agent does not write IVs of writer ${END_NODE}`;
  return null;
}

/** Octets of what the ICV of zone `k` covers beside the zone (binding.ts). */
const aadLength = (k: number, bind: Bind, firstEnd: number): number =>
  k === 0 || bind === 'none' ? 8 : bind === 'seq' ? 16 : 16 + firstEnd;

/** Octets before the IV in a unit. */
export const headOf = (span: Span): number => (span.headed ? ESP_HEADER : 0);
