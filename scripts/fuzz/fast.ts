/**
 * Mutated frames and packets through the helper's fast mode. What is coalesced must hold the octets that came, in order, and be cut into what
 * it was made of; what is cut must not be more than there was. A finding is any throw and whatever else differs. Cases follow from the seed.
 */
import { Coalescer } from '../../src/helper/fast/coalesce.ts';
import { Segmenter } from '../../src/helper/fast/segment.ts';
import { VNET_HEADER } from '../../src/helper/fast/vnet.ts';
import { cut, superSegment, tcpPacket } from '../../test/helper/fast/packets.ts';
import type { FuzzResult } from './mml.ts';
import { mutate, Random } from './mutate.ts';

const SLOW_MS = 2000;
const payload = new Uint8Array(3000).map((_, i) => i * 5 + (i >> 6));
const options = new Uint8Array(0);
const FRAMES = [
  superSegment({ payload }, 1000),
  superSegment({ payload: payload.subarray(0, 300), options }, 7, 0x81),
  Buffer.concat([Buffer.alloc(VNET_HEADER), tcpPacket()]),
].map((frame) => Buffer.from(frame));
const PACKETS = [...cut({ payload }, 1000), ...cut({ payload: payload.subarray(0, 90), options, flags: 0x18 }, 30)];

function cutFrame(segmenter: Segmenter, frame: Buffer): string | null {
  const count = segmenter.begin(frame, frame.length);
  let packets = 0;
  let octets = 0;
  for (let length = segmenter.next(); length > 0; length = segmenter.next()) {
    packets += 1;
    octets += length;
    if (length > frame.length - VNET_HEADER) return 'a packet is longer than its frame';
  }
  if (packets !== Math.max(0, count)) return `${count} packets were promised and ${packets} made`;
  return octets > 61 * frame.length ? 'more came out than headers explain' : null;
}

const frames: Buffer[] = [];
const coalescer = new Coalescer((memory, at, length) => frames.push(Buffer.from(memory.slice(at, at + length))));

function coalesce(segmenter: Segmenter, packets: readonly Buffer[]): string | null {
  frames.length = 0;
  for (const packet of packets) {
    coalescer.in.set(packet);
    coalescer.add(packet.length);
  }
  coalescer.flush();
  const back: Buffer[] = [];
  for (const frame of frames) {
    if (segmenter.begin(frame, frame.length) < 0) return 'a frame was made that cannot be cut';
    for (let length = segmenter.next(); length > 0; length = segmenter.next()) back.push(Buffer.from(segmenter.out.slice(0, length)));
  }
  return Buffer.concat(back).equals(Buffer.concat(packets)) ? null : 'other packets came back';
}

/** Like the others (mml.ts); findings are told with the octets. */
export async function fuzzFast(seconds: number, seed: number, report: (line: string) => void): Promise<FuzzResult> {
  const result: FuzzResult = { cases: 0, refused: 0, findings: [] };
  const segmenter = new Segmenter();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const random = new Random(seed, result.cases);
    const frame = mutate(random, FRAMES);
    const packets = Array.from({ length: 1 + random.below(4) }, (_, i) => {
      const packet = random.below(2) === 0 ? PACKETS[(i + result.cases) % PACKETS.length]! : mutate(random, PACKETS);
      return Buffer.from(packet).subarray(0, 9000);
    }).filter((packet) => packet.length > 0);
    const begun = performance.now();
    let what: string | null;
    try {
      what = cutFrame(segmenter, frame) ?? coalesce(segmenter, packets);
    } catch (error) {
      what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    if (performance.now() - begun > SLOW_MS) what ??= 'slow';
    if (what !== null) {
      result.findings.push({ case: result.cases, what, file: '' });
      report(`seed ${seed}, case ${result.cases}: ${what}\n${[frame, ...packets].map((octets) => octets.toString('hex')).join('\n')}`);
    }
    result.cases++;
  }
  report(`${result.cases} cases, ${result.findings.length} findings`);
  return result;
}
