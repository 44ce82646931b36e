/** SCTP as tshark's fields: what it says of each packet, and what we have for that. */
import { execFileSync } from 'node:child_process';
import { isIPv4, isIPv6 } from 'node:net';
import type { Packet } from '../../src/types/packet.ts';
import type { SctpCause, SctpChunk, SctpContent, SctpInfo } from '../../src/types/sctp.ts';

export type Row = Record<string, string>;

const hex = (digits: number) => (value: number) => `0x${value.toString(16).padStart(digits, '0')}`;
const bool = (value: boolean) => (value ? '1' : '0');

type Kind = SctpContent['kind'];
type Of<K extends Kind> = Extract<SctpContent, { kind: K }>;

/** Values of all contents of one kind. */
const of =
  <K extends Kind>(kind: K, pick: (content: Of<K>, chunk: SctpChunk) => unknown | unknown[]) =>
  (info: SctpInfo): unknown[] =>
    info.chunks.flatMap((chunk) => (chunk.content?.kind === kind ? pick(chunk.content as Of<K>, chunk) : []));
const initOf = (type: number, pick: (content: Of<'init'>) => unknown) => of('init', (c, { type: t }) => (t === type ? pick(c) : []));
const each = (pick: (chunk: SctpChunk) => unknown) => (info: SctpInfo) => info.chunks.map(pick);

const family = (address: string | null) => (address === null ? [] : [isIPv4(address) ? 5 : 6]);

/** Types of the parameters in a chunk, addresses inside requests among them. */
function parameters({ content: c }: SctpChunk): number[] {
  switch (c?.kind) {
    case 'init':
      return c.parameters.map(({ type }) => type);
    case 'heartbeat':
      return [1];
    case 'asconf':
      return [...family(c.address), ...c.requests.flatMap(({ type, address }) => [type, ...family(address)])];
    case 'asconf-ack':
      return c.responses.map(({ type }) => type);
    default:
      return [];
  }
}

function addresses({ content: c }: SctpChunk): string[] {
  if (c?.kind === 'init') return c.addresses;
  return c?.kind === 'asconf' ? [c.address, ...c.requests.flatMap(({ address }) => address ?? [])] : [];
}

function causes({ content: c }: SctpChunk): SctpCause[] {
  if (c?.kind === 'errors') return c.causes;
  return c?.kind === 'asconf-ack' ? c.responses.flatMap((response) => response.causes) : [];
}

/** tshark's fields and what we have for them. */
const FIELDS: [string, (info: SctpInfo, packet: Packet) => unknown[]][] = [
  ['sctp.srcport', (_, packet) => [packet.srcPort]],
  ['sctp.dstport', (_, packet) => [packet.dstPort]],
  ['sctp.verification_tag', ({ tag }) => [hex(8)(tag)]],
  // 1 good, 0 bad
  ['sctp.checksum.status', ({ checksum }) => [bool(checksum!)]],
  ['sctp.chunk_type', each(({ type }) => type)],
  ['sctp.chunk_flags', each(({ flags }) => hex(2)(flags))],
  ['sctp.chunk_length', each(({ length }) => length)],
  ['sctp.init_initiate_tag', initOf(1, (c) => hex(8)(c.initiateTag))],
  ['sctp.init_credit', initOf(1, (c) => c.rwnd)],
  ['sctp.init_nr_out_streams', initOf(1, (c) => c.outboundStreams)],
  ['sctp.init_nr_in_streams', initOf(1, (c) => c.inboundStreams)],
  ['sctp.init_initial_tsn', initOf(1, (c) => c.tsn)],
  ['sctp.initack_initiate_tag', initOf(2, (c) => hex(8)(c.initiateTag))],
  ['sctp.initack_credit', initOf(2, (c) => c.rwnd)],
  ['sctp.initack_nr_out_streams', initOf(2, (c) => c.outboundStreams)],
  ['sctp.initack_nr_in_streams', initOf(2, (c) => c.inboundStreams)],
  ['sctp.initack_initial_tsn', initOf(2, (c) => c.tsn)],
  ['sctp.supported_chunk_type', of('init', (c) => c.extensions)],
  ['sctp.parameter_type', ({ chunks }) => chunks.flatMap(parameters).map(hex(4))],
  ['sctp.parameter_ipv4_address', ({ chunks }) => chunks.flatMap(addresses).filter(isIPv4)],
  ['sctp.parameter_ipv6_address', ({ chunks }) => chunks.flatMap(addresses).filter(isIPv6)],
  ['sctp.cause_code', ({ chunks }) => chunks.flatMap(causes).map(({ code }) => hex(4)(code))],
  ['sctp.data_tsn_raw', of('data', (c) => c.tsn)],
  ['sctp.data_sid', of('data', (c) => hex(4)(c.stream))],
  ['sctp.data_ssn', of('data', (c) => c.ssn)],
  ['sctp.data_payload_proto_id', of('data', (c) => c.ppid)],
  ['sctp.data_b_bit', of('data', (c) => bool(c.begin))],
  ['sctp.data_e_bit', of('data', (c) => bool(c.end))],
  ['sctp.data_u_bit', of('data', (c) => bool(c.unordered))],
  ['sctp.sack_cumulative_tsn_ack_raw', of('sack', (c) => c.cumulativeTsn)],
  ['sctp.sack_a_rwnd', of('sack', (c) => c.rwnd)],
  ['sctp.sack_gap_block_start', of('sack', (c) => c.gaps.map(({ start }) => start))],
  ['sctp.sack_gap_block_end', of('sack', (c) => c.gaps.map(({ end }) => end))],
  ['sctp.sack_duplicate_tsn', of('sack', (c) => c.duplicates)],
  ['sctp.shutdown_cumulative_tsn_ack', of('shutdown', (c) => c.cumulativeTsn)],
  ['sctp.forward_tsn_tsn', of('forward-tsn', (c) => c.tsn)],
  ['sctp.forward_tsn_sid', of('forward-tsn', (c) => c.streams.map(({ stream }) => stream))],
  ['sctp.forward_tsn_ssn', of('forward-tsn', (c) => c.streams.map(({ ssn }) => ssn))],
  ['sctp.asconf_seq_nr_number', of('asconf', (c) => hex(8)(c.serial))],
  ['sctp.asconf_ack_seq_nr_number', of('asconf-ack', (c) => hex(8)(c.serial))],
  [
    'sctp.correlation_id',
    (info) => [
      ...of('asconf', (c) => c.requests.map(({ correlation }) => hex(8)(correlation)))(info),
      ...of('asconf-ack', (c) => c.responses.map(({ correlation }) => hex(8)(correlation)))(info),
    ],
  ],
];

function tshark(path: string, esps: readonly string[]): string[][] {
  const uat = esps.flatMap((line) => ['-o', `uat:esp_sa:${line}`]);
  const args = [
    ...['-n', '-r', path, '-Y', 'sctp', '-T', 'fields', '-E', 'separator=|', ...FIELDS.flatMap(([field]) => ['-e', field])],
    ...[...uat, '-o', 'esp.enable_encryption_decode:TRUE', '-o', 'esp.enable_authentication_check:TRUE'],
    ...['-o', 'sctp.checksum:crc-32c', '-o', 'sctp.relative_tsns:FALSE'],
  ];
  const output = execFileSync('tshark', args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = output.toString().split('\n').slice(0, -1);
  return lines.map((line) => line.split('|'));
}

/** tshark looks into I-DATA, RE-CONFIG and what a cause copies from a request (an IPv6 address here); we do not. */
function asFarAsWe(row: Record<string, string>): Record<string, string> {
  const chunks = row['sctp.chunk_type']!.split(',');
  const blank = (field: string) =>
    (chunks.includes('64') && field.startsWith('sctp.data_')) ||
    (chunks.includes('130') && field === 'sctp.parameter_type') ||
    (chunks.includes('128') && field === 'sctp.parameter_ipv6_address');
  const seen = Object.fromEntries(Object.entries(row).map(([field, cell]) => [field, blank(field) ? '' : cell]));
  if (chunks.includes('128')) seen['sctp.parameter_type'] = seen['sctp.parameter_type']!.replaceAll(',0x0006', '');
  return seen;
}

/** One row per packet of SCTP, inside ESP or not; `esps` are lines of Wireshark's esp_sa table. */
export const theirRows = (path: string, esps: readonly string[]): Row[] =>
  tshark(path, esps).map((cells) => asFarAsWe(Object.fromEntries(FIELDS.map(([field], i) => [field, cells[i]!]))));

/** The same of our packets. */
export const ourRows = (packets: readonly Packet[]): Row[] =>
  packets.flatMap((packet) => {
    const seen = packet.esp?.inner ?? packet;
    return seen.sctp === null ? [] : [Object.fromEntries(FIELDS.map(([field, pick]) => [field, pick(seen.sctp!, seen).join(',')]))];
  });
