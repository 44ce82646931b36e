/**
 * Captures roamlab did not make: no plan, no event, no flows. What any capture can tell: who talked to whom, IKE exchanges and
 * their durations, per ESP SA the packets, the longest silence and what is missing by ESP sequence number, and SCTP
 * associations. Each file is one vantage point and stays a table of its own. The result is plain JSON.
 */
import { decodeFrames, type KeyRing, readCapture } from '../../pcap/index.ts';
import type { Packet } from '../../types/packet.ts';
import { type Conversation, conversations } from './conversations.ts';
import { type EspStream, espStreams } from './esp.ts';
import { type ForeignExchange, ikeExchanges } from './ike.ts';
import { foreignKeys } from './keys.ts';
import { type SctpAssociation, sctpAssociations } from './sctp.ts';

export interface ForeignCapture {
  file: string;
  format: 'pcap' | 'pcapng';
  packets: number;
  /** ISO time of the first packet, null for an empty capture */
  start: string | null;
  /** seconds from the first to the last packet */
  duration: number;
  truncated: boolean;
  warnings: string[];
  conversations: Conversation[];
  ike: ForeignExchange[];
  esp: EspStream[];
  sctp: SctpAssociation[];
}

export interface ForeignReport {
  format: 1;
  captures: ForeignCapture[];
}

/**
 * Analyses captures of any origin; times are seconds since each file's first packet. `keys` is a folder with Wireshark's
 * `ikev2_decryption_table` and `esp_sa`, or one that has them in `keys/`. Throws E_PCAP_*, E_KEYS_*.
 */
export async function analyzeForeign(paths: string[], keys?: string): Promise<ForeignReport> {
  const ring = keys === undefined ? undefined : await foreignKeys(keys);
  const captures: ForeignCapture[] = [];
  for (const path of paths) captures.push(await analyzeFile(path, ring));
  return { format: 1, captures };
}

async function analyzeFile(file: string, keys: KeyRing | undefined): Promise<ForeignCapture> {
  const { frames, format, epoch, truncated, warnings } = await readCapture(file);
  const first = frames.reduce((least, { t }) => Math.min(least, t), Number.POSITIVE_INFINITY);
  const last = frames.reduce((most, { t }) => Math.max(most, t), 0);
  const empty = frames.length === 0;
  // times from the first packet on; captures of several queues need not be in order
  const packets: Packet[] = decodeFrames(frames, keys).map((packet) => ({ ...packet, t: packet.t - first }));
  packets.sort((a, b) => a.t - b.t);
  return {
    file,
    format,
    packets: packets.length,
    start: empty ? null : new Date(epoch * 1e3 + first / 1e6).toISOString(),
    duration: empty ? 0 : (last - first) / 1e9,
    truncated,
    warnings,
    conversations: conversations(packets),
    ike: ikeExchanges(packets),
    esp: espStreams(packets),
    sctp: sctpAssociations(packets),
  };
}
