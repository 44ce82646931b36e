/** The first differing packet in full, and where the other captures part. */
import type { PacketDifference, PacketSide } from '../types.ts';
import { cut, fold, halfOf, printable, sideBySide } from './columns.ts';
import { hexdump } from './hexdump.ts';
import { ns, precise } from './words.ts';

/** Both packets beside each other. */
export function packetLines(difference: PacketDifference, columns: number): string[] {
  const { a, b, ends, offset } = difference;
  const drift = driftText(difference);
  const said = drift === null ? [] : fold(drift, columns - 2).map((line) => `  ${line}`);
  const lines = sideBySide(...both(a, b, (packet, name) => describe(packet, ends[name], halfOf(columns))), columns);
  return offset === null ? [...said, ...lines] : [...lines, ...hexdump(a?.excerpt ?? null, b?.excerpt ?? null, offset, columns)];
}

/** `pcap/mn-eth1.pcap, packet 37: first differing octet 66 (ESP, encrypted part), ...` */
export function packetTitle(difference: PacketDifference): string {
  const { file, number, a, b, offset, within, later } = difference;
  const where = `${printable(file)}, packet ${number}`;
  if (a === null && b === null) return `${where}: cut short in both`;
  if (a === null || b === null) return `${where}: only in ${a === null ? 'B' : 'A'}`;
  const time = later === null || later === 0 ? [] : [`B is ${ns(Math.abs(later))} ${later > 0 ? 'later' : 'earlier'}`];
  if (difference.differs.length === 1 && difference.differs[0] === 'time') return `${where}: only the time stamp differs, ${time.join('')}`;
  const octet = offset === null ? [] : [`first differing octet ${offset} (${within})`];
  return `${where}: ${[...octet, ...headerDifferences(difference, a, b), ...time].join(', ')}`;
}

/** What differs in front of the packet: in its record, or in the file's header. */
function headerDifferences({ differs }: PacketDifference, a: PacketSide, b: PacketSide): string[] {
  const said = differs.includes('link type') ? ['link type (file header)'] : [];
  const whole = a.captured === a.length && b.captured === b.length;
  if (whole && differs.includes('length')) return [...said, `length ${a.length} / ${b.length}`];
  if (differs.includes('length')) said.push(`length on the wire ${a.length} / ${b.length} (record header)`);
  if (differs.includes('captured')) said.push(`length in the file ${a.captured} / ${b.captured} (record header)`);
  return said;
}

/** How far a difference that is only in time reaches. Nothing for others. */
export function driftText({ drift }: PacketDifference): string | null {
  if (drift === null) return null;
  const { packets, most, until } = drift;
  const much = `${packets} ${packets === 1 ? 'packet differs' : 'packets differ'} in time alone, by at most ${ns(most)}`;
  return `${much}; ${until === null ? 'no octet of any packet differs' : `more than that differs from packet ${until} on`}`;
}

/** One line for each of the other captures. */
export function otherCaptures(others: PacketDifference[], columns: number): string[] {
  return others.map(({ file, number, a, b, differs }) => {
    const dt = a?.dt ?? b?.dt;
    return cut(`  ${dt === undefined ? '' : `${precise(dt)}  `}${printable(file)}, packet ${number} (${differs.join(', ')})`, columns);
  });
}

function both<T>(a: T, b: T, show: (value: T, name: 'a' | 'b') => string[]): [string[], string[]] {
  return [show(a, 'a'), show(b, 'b')];
}

function describe(packet: PacketSide | null, end: string | null, width: number): string[] {
  if (packet === null) return fold(printable(end ?? ''), width);
  const size = packet.captured === packet.length ? `${packet.length} octets` : `${packet.length} octets, ${packet.captured} captured`;
  return [precise(packet.dt), ...fold(printable(packet.summary), width), size];
}
