/** The first difference of everything that differs: packets in the order of time, the event, every other file. */
import { join } from 'node:path';
import { firstEvent } from './events.ts';
import { firstDifference } from './octets.ts';
import { compareCapture, type Decoding, inTime } from './packets.ts';
import { type Side, zeroOf } from './side.ts';
import type { BytesDifference, FileComparison, FileDifference, PacketDifference } from './types.ts';

const CAPTURE = /\.pcap(ng)?$/;
const EVENTS = 'events.jsonl';

/** `files`: what compareFiles found. Throws E_COMPARE_READ. */
export async function compareBytes(a: Side, b: Side, files: FileComparison[], signal?: AbortSignal): Promise<BytesDifference> {
  // when one record cannot be read the other tells what times count from: meant to be equal, they have the same epoch
  const [decodingA, decodingB] = [decodingOf(a, b), decodingOf(b, a)];
  const shift = decodingA.epoch === decodingB.epoch ? 0 : decodingA.zero - decodingB.zero;
  const event = a.events === null || b.events === null ? null : firstEvent(a.events, b.events, shift);
  const packets: PacketDifference[] = [];
  const others: FileDifference[] = [];
  for (const { path, status, ...states } of files) {
    signal?.throwIfAborted();
    const readable = status === 'differs' && states.a?.sha256 != null && states.b?.sha256 != null;
    if (!readable || (path === EVENTS && event !== null)) continue;
    const difference = CAPTURE.test(path)
      ? await compareCapture(path, decodingA, decodingB)
      : await firstDifference(join(a.folder, path), join(b.folder, path), path);
    if (difference === null) continue;
    if ('number' in difference) packets.push(difference);
    else others.push(difference);
  }
  return { packets: inTime(packets), event, files: others };
}

function decodingOf(side: Side, other: Side): Decoding {
  const { folder, keys, record, events, cell, stored } = side;
  return {
    folder,
    keys,
    epoch: record?.epoch ?? other.record?.epoch ?? 0,
    zero: zeroOf(record ?? other.record, events, stored).t,
    flows: (cell ?? other.cell)?.flows.map(({ name }) => name) ?? [],
  };
}
