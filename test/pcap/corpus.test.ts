/** Replays files that once broke the reader or the decoder (corpus/), and the untouched seeds of the fuzzer. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tryCase } from '../../scripts/fuzz/pcap.ts';
import { decodeFrames, KeyRing, readCapture } from '../../src/pcap/index.ts';
import { KEYS, seeds } from './build/seeds.ts';
import { scratch } from './build/tmp.ts';

const CORPUS = join(import.meta.dirname, 'corpus');
const file = scratch();

test.each(readdirSync(CORPUS))('corpus: %s', async (name) => {
  expect(await tryCase(join(CORPUS, name), { frames: 0, refused: 0 })).toBeNull();
});

test('the seeds reach every layer', async () => {
  for (const bytes of seeds()) {
    const capture = await readCapture(file('seed', bytes));
    const packets = decodeFrames(capture.frames, new KeyRing(KEYS.ike, KEYS.esp));
    expect(capture.truncated).toBe(false);
    expect(packets.some((packet) => packet.esp?.inner?.esp?.inner)).toBe(true);
    for (const inside of [true, false]) {
      const infos = packets.map((packet) => (inside ? packet.esp?.inner?.sctp : packet.sctp));
      expect(infos.some((info) => info?.chunks.some(({ content }) => content?.kind === 'asconf'))).toBe(true);
    }
    expect(packets.filter((packet) => packet.ike).every((packet) => packet.ike!.decrypted)).toBe(true);
    expect(packets.some((packet) => packet.ike?.notifies.some((n) => n.type === 16396))).toBe(true);
  }
});
