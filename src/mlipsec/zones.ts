/**
 * Zones: the portions of the inner datagram that have a protection of their own. A zone map is constant for the life of a composite SA.
 * The code takes any number of zones; the paper has two and one node between the ends that may open the first.
 */

export interface Zone {
  /** 1, 2, 3... in the order of the octets */
  readonly id: number;
  /** first octet of the inner datagram that belongs to it */
  readonly start: number;
  /** the octet after its last; null: to the end of the datagram (only the last zone, and always that one) */
  readonly end: number | null;
  /** a foreign agent may be given the keys */
  readonly faAccess: boolean;
  /** carries what belongs to the whole datagram: SPI, sequence number, replay window; zone 1 and no other */
  readonly designated: boolean;
}

export type ZoneMap = readonly Zone[];

/** Ordinary ESP: everything in one zone, for the ends only. */
export const ONE_ZONE: ZoneMap = [{ id: 1, start: 0, end: null, faAccess: false, designated: true }];

/** The paper's: the IPv4 and the TCP header, both without options, and the rest. */
export const PAPER_ZONES: ZoneMap = [
  { id: 1, start: 0, end: 40, faAccess: true, designated: true },
  { id: 2, start: 40, end: null, faAccess: false, designated: false },
];

const MAX_ZONES = 255;
const MAX_END = 65_535;

/** Why these zones are no zone map, or null. */
export function zoneMapFault(zones: ZoneMap): string | null {
  if (zones.length === 0 || zones.length > MAX_ZONES) return `a zone map has 1 to ${MAX_ZONES} zones`;
  let start = 0;
  for (const [index, zone] of zones.entries()) {
    if (zone.id !== index + 1) return `zone ${zone.id} is number ${index + 1} of its map`;
    if (zone.start !== start) return `zone ${zone.id} does not start where the one before it ends`;
    if (zone.designated !== (index === 0)) return 'zone 1 and no other is the designated one';
    const last = index === zones.length - 1;
    if (last !== (zone.end === null)) return 'the last zone and no other goes to the end of the datagram';
    if (zone.end === null) break;
    if (!Number.isInteger(zone.end) || zone.end <= zone.start || zone.end > MAX_END) return `zone ${zone.id} has no octets`;
    start = zone.end;
  }
  // the binding of later zones and the length of a short datagram are read from the IPv4 header
  return zones.length > 1 && zones[0]!.end! < 20 ? 'zone 1 does not hold an IPv4 header' : null;
}

/** Whether the zone map is one of the paper's: at most two zones. */
export const isPaperProfile = (zones: ZoneMap): boolean => zones.length <= 2;
