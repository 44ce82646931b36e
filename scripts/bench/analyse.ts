/**
 * What the capture bench times: a capture and its keys to packets, every field read. As a process of its own it loads what a
 * user's process would load, and nothing of the bench: `node scripts/bench/analyse.ts <capture>`.
 */
import { dirname } from 'node:path';
import { loadKeys, readPackets } from '../../src/pcap/index.ts';

export const EPOCH = 1_700_000_000;
export const SPI = 0xc0000001;

/** Touches every field tshark prints, so nothing can be skipped. Resolves to their sum. */
export async function analyse(file: string): Promise<number> {
  const keys = await loadKeys(dirname(file));
  const { packets } = await readPackets(file, { epoch: EPOCH, keys });
  let sum = 0;
  let opened = 0;
  for (const packet of packets) {
    sum += packet.t + packet.src.length + packet.dst.length;
    const { esp, ike } = packet;
    if (ike?.decrypted && ike.notifies.length === 2) opened++;
    if (esp === null) continue;
    sum += esp.spi + esp.seq;
    if (esp.inner === null) continue;
    opened++;
    sum += esp.inner.srcPort + esp.inner.dstPort + esp.inner.payload[15]!;
  }
  const expected = keys.esp(SPI) ? packets.length : 0;
  if (opened !== expected) throw new Error(`opened ${opened} of ${expected} packets`);
  return sum;
}

if (import.meta.main) await analyse(process.argv[2] ?? '');
