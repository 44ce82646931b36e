/**
 * pcapng: sections, interfaces and the three kinds of packet block (draft-ietf-opsawg-pcapng section 4). Interfaces are
 * numbered per section; each has its own link type, snap length and clock resolution.
 */
import type { Frame } from '../../types/packet.ts';
import { type Block, ENHANCED, INTERFACE, PACKET, readBlocks, SECTION } from './blocks.ts';
import type { Clock } from './clock.ts';
import { MICROSECONDS, type Resolution, resolution, split } from './resolution.ts';
import type { OnFrame } from './types.ts';
import { formatError } from './types.ts';
import type { Warnings } from './warnings.ts';

const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

interface Interface {
  linkType: number;
  snapLength: number;
  resolution: Resolution;
}

/** Reads all packet blocks; resolves to whether the file was cut short. Throws E_PCAP_FORMAT, E_PCAP_READ. */
export async function readPcapng(path: string, clock: Clock, warnings: Warnings, onFrame: OnFrame): Promise<boolean> {
  let interfaces: Interface[] = [];
  let frames = 0;
  let last = 0;
  const stopped = await readBlocks(path, (block) => {
    if (block.type === SECTION) {
      const major = u16(block, 4);
      if (major !== 1) throw formatError(path, `pcapng version ${major}, only 1 is known`);
      interfaces = [];
      return;
    }
    if (block.type === INTERFACE) {
      if (block.body.length >= 8) interfaces.push(readInterface(block));
      else warnings.add('interface description too short', `after frame ${frames}`);
      return;
    }
    frames++;
    const frame = packet(block, interfaces, (high, low, clockOf) => {
      const { seconds, nanos } = split(high, low, clockOf);
      return clock.time(seconds, nanos, frames);
    });
    if (typeof frame === 'string') {
      warnings.add(frame, `frame ${frames}`);
      return;
    }
    if (frame.t === null) {
      warnings.add('simple packet block without a time; the time of the packet before is used', `frame ${frames}`);
      frame.t = last;
    }
    last = frame.t;
    onFrame(frame as Frame);
  });
  if (stopped !== null) warnings.add(stopped, `after frame ${frames}`);
  return stopped !== null;
}

function readInterface(block: Block): Interface {
  let [ticks, offset] = [6, 0];
  for (let at = 8; at + 4 <= block.body.length; ) {
    const [code, length] = [u16(block, at), u16(block, at + 2)];
    if (code === 0 || at + 4 + length > block.body.length) break;
    if (code === IF_TSRESOL && length === 1) ticks = block.body[at + 4]!;
    if (code === IF_TSOFFSET && length === 8) {
      const [low, high] = block.little ? [u32(block, at + 4), u32(block, at + 8)] : [u32(block, at + 8), u32(block, at + 4)];
      offset = (high | 0) * 2 ** 32 + low;
    }
    at += 4 + ((length + 3) & ~3);
  }
  const clock = ticks === 6 && offset === 0 ? MICROSECONDS : resolution(ticks, offset);
  return { linkType: u16(block, 0), snapLength: u32(block, 4), resolution: clock };
}

type Timed = Omit<Frame, 't'> & { t: number | null };

/** The frame of a packet block, `t` null when the block carries no time; or what is wrong with the block. */
function packet(block: Block, interfaces: Interface[], time: (high: number, low: number, clock: Resolution) => number): Timed | string {
  const { type, body } = block;
  const simple = type !== ENHANCED && type !== PACKET;
  const header = simple ? 4 : 20;
  if (body.length < header) return 'packet block too short';
  const index = simple ? 0 : type === PACKET ? u16(block, 0) : u32(block, 0);
  const source = interfaces[index];
  if (source === undefined) return 'packet of an interface that was never described';
  const length = u32(block, simple ? 0 : 16);
  const wanted = simple ? (source.snapLength > 0 ? Math.min(length, source.snapLength) : length) : u32(block, 12);
  if (!simple && wanted > body.length - header) return 'packet longer than its block';
  const data = body.subarray(header, header + Math.min(wanted, body.length - header));
  const t = simple ? null : time(u32(block, 4), u32(block, 8), source.resolution);
  return { t, linkType: source.linkType, length, data };
}

function u16({ little, body }: Block, at: number): number {
  return little ? body.readUInt16LE(at) : body.readUInt16BE(at);
}

function u32({ little, body }: Block, at: number): number {
  return little ? body.readUInt32LE(at) : body.readUInt32BE(at);
}
