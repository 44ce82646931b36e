/**
 * Stands between the file and pcap-parser. The parser knows one magic number, believes every record length and
 * keeps what it cannot use yet; so the gate rewrites the header (nanosecond magic to microsecond magic; `nanos` tells
 * which it was) and lets only whole records with a credible length pass. It holds back at most one record.
 */
import { Transform, type TransformCallback } from 'node:stream';
import { formatError, MAX_CAPTURED } from './types.ts';
import type { Warnings } from './warnings.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MICRO = 0xa1b2c3d4;
const NANO = 0xa1b23c4d;

/** True when these first four octets announce a classic pcap, in either byte order and resolution. */
export function isClassicMagic(head: Buffer): boolean {
  return [head.readUInt32BE(0), head.readUInt32LE(0)].some((magic) => magic === MICRO || magic === NANO);
}

export class RecordGate extends Transform {
  readonly #path: string;
  readonly #warnings: Warnings;
  #rest: Buffer = Buffer.alloc(0);
  #little = false;
  #headerSeen = false;
  #records = 0;
  nanos = false;
  linkType = 0;
  truncated = false;

  constructor(path: string, warnings: Warnings) {
    super();
    this.#path = path;
    this.#warnings = warnings;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    done(this.truncated ? null : this.#take(chunk));
  }

  override _flush(done: TransformCallback): void {
    if (this.#rest.length > 0 && !this.truncated) this.#cut('the file ends inside this record');
    if (!this.#headerSeen) this.truncated = true;
    done();
  }

  #take(chunk: Buffer): Error | null {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = data;
    if (!this.#headerSeen) {
      if (data.length < FILE_HEADER) return null;
      const problem = this.#header(data);
      if (problem !== null) return formatError(this.#path, problem);
      data = data.subarray(FILE_HEADER);
    }
    const whole = this.#wholeRecords(data);
    if (whole > 0) this.push(data.subarray(0, whole));
    this.#rest = data.subarray(whole);
    return null;
  }

  #header(data: Buffer): string | null {
    const header = Buffer.from(data.subarray(0, FILE_HEADER));
    const magic = header.readUInt32BE(0);
    this.#little = magic !== MICRO && magic !== NANO;
    const u32 = (at: number) => (this.#little ? header.readUInt32LE(at) : header.readUInt32BE(at));
    this.nanos = u32(0) === NANO;
    const [major, minor] = this.#little
      ? [header.readUInt16LE(4), header.readUInt16LE(6)]
      : [header.readUInt16BE(4), header.readUInt16BE(6)];
    if (major !== 2 || minor !== 4) return `pcap version ${major}.${minor}, only 2.4 is known`;
    // the upper half of the field says whether frames carry a checksum
    this.linkType = u32(20) & 0xffff;
    if (this.#little) header.writeUInt32LE(MICRO);
    else header.writeUInt32BE(MICRO);
    this.push(header);
    this.#headerSeen = true;
    return null;
  }

  /** Octets at the start of `data` that are complete, credible records. */
  #wholeRecords(data: Buffer): number {
    let at = 0;
    while (data.length - at >= RECORD_HEADER) {
      const captured = this.#little ? data.readUInt32LE(at + 8) : data.readUInt32BE(at + 8);
      if (captured > MAX_CAPTURED) {
        this.#cut(`record of ${captured} octets, more than any capture holds; stopped here`);
        return at;
      }
      if (data.length - at - RECORD_HEADER < captured) return at;
      at += RECORD_HEADER + captured;
      this.#records++;
    }
    return at;
  }

  #cut(why: string): void {
    this.truncated = true;
    this.#warnings.add(why, `frame ${this.#records + 1}`);
  }
}
