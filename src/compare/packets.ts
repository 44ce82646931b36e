/** The first packet of each capture that is not the same in both runs, side by side, in the order of time. */
import { join } from 'node:path';
import { decodeFrame, forEachFrame, type KeyRing } from '../pcap/index.ts';
import { LINK_DECODERS } from '../pcap/link/index.ts';
import { newPacket } from '../pcap/packet.ts';
import type { RoamlabError } from '../types/errors.ts';
import type { Frame } from '../types/packet.ts';
import { describePacket, type Naming } from './describe.ts';
import { type FrameDifference, firstFrame } from './frames.ts';
import { layerAt } from './layers.ts';
import { commonLength, excerpt, firstDifference } from './octets.ts';
import type { FileDifference, PacketDifference, PacketSide } from './types.ts';

/** What decoding needs to know of a run. */
export interface Decoding extends Naming {
  folder: string;
  keys: KeyRing;
}

/**
 * Compares one capture that both runs have and that is known to differ; packets, or where all of them are equal or a file is
 * no capture, octets. Throws E_COMPARE_READ.
 */
export async function compareCapture(file: string, a: Decoding, b: Decoding): Promise<PacketDifference | FileDifference | null> {
  const [pathA, pathB] = [join(a.folder, file), join(b.folder, file)];
  // one clock for both, or the same instant would look like two
  const { difference, errors } = await firstFrame(pathA, pathB, a.epoch);
  if (difference !== null) {
    const time = difference.a?.t !== difference.b?.t;
    if (difference.b !== null && a.epoch !== b.epoch) difference.b = await sameFrame(pathB, difference.number, b.epoch);
    return { file, ...compareFrames(difference, time, a, b) };
  }
  const plain = await firstDifference(pathA, pathB, file);
  return plain === null ? null : { ...plain, note: noteOf(errors) ?? 'every packet is the same: what differs is around them' };
}

function noteOf({ a, b }: { a: RoamlabError | null; b: RoamlabError | null }): string | null {
  const said = [a === null ? [] : [`A: ${a.message}`], b === null ? [] : [`B: ${b.message}`]].flat();
  return said.length === 0 ? null : said.join('; ');
}

/** Frame `number` with its time from `epoch`: shifting the time it has from another epoch would cost the nanoseconds. */
async function sameFrame(path: string, number: number, epoch: number): Promise<Frame | null> {
  let found: Frame | null = null;
  let frames = 0;
  await forEachFrame(path, { epoch }, (frame) => {
    frames += 1;
    if (frames === number) found = frame;
  });
  return found;
}

/** `time`: the two time stamps differ, whatever the runs count them from. */
function compareFrames(
  { number, a, b, ends, drift }: FrameDifference,
  time: boolean,
  runA: Decoding,
  runB: Decoding,
): Omit<PacketDifference, 'file'> {
  if (a === null || b === null) {
    const alone = { a: a && sideOf(a, runA, null), b: b && sideOf(b, runB, null) };
    return { number, ...alone, ends, differs: ['presence'], later: null, drift: null, offset: null, within: null };
  }
  const common = commonLength(a.data, b.data);
  const offset = common === a.data.length && common === b.data.length ? null : common;
  const differs: PacketDifference['differs'] = [];
  if (time) differs.push('time');
  if (a.linkType !== b.linkType) differs.push('link type');
  if (a.length !== b.length) differs.push('length');
  if (a.data.length !== b.data.length) differs.push('captured');
  if (common < Math.min(a.data.length, b.data.length)) differs.push('octets');
  const sides = { a: sideOf(a, runA, offset), b: sideOf(b, runB, offset) };
  const oneClock = runA.epoch === runB.epoch;
  const later = oneClock ? b.t - a.t : b.t - runB.zero - (a.t - runA.zero);
  return {
    number,
    ...sides,
    ends,
    differs,
    later,
    drift: oneClock ? drift : null,
    offset,
    within: offset === null ? null : withinOf(a, offset),
  };
}

function sideOf(frame: Frame, run: Decoding, offset: number | null): PacketSide {
  const packet = decodeFrame(frame, run.keys);
  return {
    t: frame.t,
    dt: (frame.t - run.zero) / 1e9,
    length: frame.length,
    captured: frame.data.length,
    summary: describePacket(frame, packet, run),
    excerpt: offset === null ? null : excerpt(frame.data, offset),
  };
}

function withinOf(frame: Frame, offset: number): string {
  if (offset >= frame.data.length) return 'behind the end';
  const packet = decodeFrame(frame);
  const b = Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength);
  const ipAt = LINK_DECODERS.get(frame.linkType)?.(newPacket(0), b) ?? -1;
  return layerAt(frame.data, packet, ipAt, offset);
}

/** First in time first; what has no packet at all comes last. */
export function inTime(differences: PacketDifference[]): PacketDifference[] {
  const at = ({ a, b }: PacketDifference): number => a?.dt ?? b?.dt ?? Number.POSITIVE_INFINITY;
  return differences.toSorted((x, y) => at(x) - at(y) || x.number - y.number);
}
