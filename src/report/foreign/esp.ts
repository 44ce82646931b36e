/** ESP SAs of a capture: packets, the longest silence, and what is missing by sequence number (RFC 4303 section 2.2). */
import { countSequence } from '../../metrics/index.ts';
import type { Packet } from '../../types/packet.ts';

export interface EspStream {
  /** hexadecimal, as `ip xfrm state` prints it */
  spi: string;
  /** outer address pairs in order of use: more than one means the SA was moved */
  paths: string[];
  udpEncap: boolean;
  packets: number;
  decrypted: number;
  /** seconds since the first packet of the capture */
  first: number;
  last: number;
  longestGap: { start: number; seconds: number } | null;
  /** packets missing between the lowest and the highest number seen */
  lost: number;
  duplicated: number;
  reordered: number;
}

/** By first appearance. */
export function espStreams(packets: Packet[]): EspStream[] {
  const bySpi = new Map<number, Packet[]>();
  for (const packet of packets) {
    if (packet.esp === null) continue;
    const list = bySpi.get(packet.esp.spi);
    if (list === undefined) bySpi.set(packet.esp.spi, [packet]);
    else list.push(packet);
  }
  return [...bySpi].map(([spi, list]) => stream(spi, list));
}

function stream(spi: number, packets: Packet[]): EspStream {
  const numbers = packets.map((packet) => packet.esp!.seq);
  const lowest = numbers.reduce((least, seq) => Math.min(least, seq));
  const highest = numbers.reduce((most, seq) => Math.max(most, seq));
  const deliveries = packets.map(({ t, esp }) => ({ t, seq: esp!.seq - lowest, sent: null }));
  const { lost, duplicated, reordered } = countSequence(deliveries, highest - lowest + 1);
  return {
    spi: `0x${spi.toString(16).padStart(8, '0')}`,
    paths: [...new Set(packets.map(({ src, dst }) => `${src} > ${dst}`))],
    udpEncap: packets.some(({ esp }) => esp!.udpEncap),
    packets: packets.length,
    decrypted: packets.filter(({ esp }) => esp!.inner !== null).length,
    first: packets[0]!.t / 1e9,
    last: packets.at(-1)!.t / 1e9,
    longestGap: longest(packets),
    lost,
    duplicated,
    reordered,
  };
}

function longest(packets: Packet[]): EspStream['longestGap'] {
  let best: EspStream['longestGap'] = null;
  for (let i = 1; i < packets.length; i += 1) {
    const seconds = (packets[i]!.t - packets[i - 1]!.t) / 1e9;
    if (best === null || seconds > best.seconds) best = { start: packets[i - 1]!.t / 1e9, seconds };
  }
  return best;
}
