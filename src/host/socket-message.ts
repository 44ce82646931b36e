/**
 * sendmsg() and recvmsg() with control messages on memory that never moves: a msghdr carries addresses, so what they point to is allocated
 * outside the heap and lives as long as the process.
 */
import { addressOf, pinned } from './pinned.ts';

const MSGHDR = 56;
const IOVEC = 16;
const NAME = 28;

/** Offsets in struct msghdr (x86-64, arm64). */
const AT = { name: 0, nameLength: 8, iov: 16, iovLength: 24, control: 32, controlLength: 40, flags: 48 } as const;
/** Octets of struct cmsghdr before its data. */
export const CMSG_HEADER = 16;
/** Octets a control message with `data` octets takes (CMSG_SPACE). */
export const cmsgSpace = (data: number): number => CMSG_HEADER + ((data + 7) & ~7);

export class SocketMessage {
  /** one piece of data, as many octets as asked for */
  readonly data: Uint8Array;
  /** address of the struct msghdr */
  readonly pointer: number;
  readonly #header: DataView;
  readonly #controlAt: number;
  readonly #controlSize: number;
  readonly #dataAddress: bigint;
  readonly #iovAt: number;

  /** With room for `size` octets of data and `control` octets of control messages. */
  constructor(size: number, control: number) {
    const iovAt = MSGHDR;
    const nameAt = iovAt + IOVEC;
    const controlAt = (nameAt + NAME + 7) & ~7;
    const controlSize = (control + 7) & ~7;
    const dataAt = controlAt + controlSize;
    const whole = dataAt + size;
    const memory = pinned(whole);
    const base = BigInt(addressOf(memory));
    this.#header = new DataView(memory.buffer, 0, dataAt);
    this.data = memory.subarray(dataAt);
    this.pointer = Number(base);
    this.#controlAt = controlAt;
    this.#controlSize = controlSize;
    this.#iovAt = iovAt;
    this.#dataAddress = base + BigInt(dataAt);
    this.#header.setBigUint64(AT.iov, base + BigInt(iovAt), true);
    this.#header.setBigUint64(AT.iovLength, 1n, true);
    this.#header.setBigUint64(AT.control, base + BigInt(controlAt), true);
    this.setData(size);
  }

  /** Only these octets of the data, from now on. Throws a RangeError when there are not as many. */
  setData(length: number, at = 0): void {
    if (at < 0 || length < 0 || at + length > this.data.length) throw new RangeError('the message has not as much data');
    this.#header.setBigUint64(this.#iovAt, this.#dataAddress + BigInt(at), true);
    this.#header.setUint32(this.#iovAt + 8, length, true);
  }

  /** How much control is sent, or may be received. */
  setControl(length: number = this.#controlSize): void {
    this.#header.setUint32(AT.controlLength, length, true);
  }

  /** Octets of control messages received. */
  get controlLength(): number {
    return Math.min(this.#controlSize, this.#header.getUint32(AT.controlLength, true));
  }

  /** MSG_TRUNC, MSG_CTRUNC... of what was received. */
  get flags(): number {
    return this.#header.getInt32(AT.flags, true);
  }

  /** Writes the header of a control message with `length` octets of data. Returns where these go, for `int16` and `int32`. */
  putControl(at: number, level: number, type: number, length: number): number {
    const place = this.#controlAt + at;
    this.#header.setBigUint64(place, BigInt(CMSG_HEADER + length), true);
    this.#header.setInt32(place + 8, level, true);
    this.#header.setInt32(place + 12, type, true);
    return at + CMSG_HEADER;
  }

  setU16(at: number, value: number): void {
    this.#header.setUint16(this.#controlAt + at, value, true);
  }

  setI32(at: number, value: number): void {
    this.#header.setInt32(this.#controlAt + at, value, true);
  }

  /** The int of the first control message of this kind that was received; null: there is none. */
  receivedInt(level: number, type: number): number | null {
    const at = this.#received(level, type, 4);
    return at < 0 ? null : this.#header.getInt32(at, true);
  }

  /** Likewise its first octet. */
  receivedOctet(level: number, type: number): number | null {
    const at = this.#received(level, type, 1);
    return at < 0 ? null : this.#header.getUint8(at);
  }

  /** Likewise a struct timespec. False: there is none, and `into` is as it was. */
  receivedTime(level: number, type: number, into: { seconds: number; nanoseconds: number }): boolean {
    const at = this.#received(level, type, 16);
    if (at < 0) return false;
    into.seconds = Number(this.#header.getBigInt64(at, true));
    into.nanoseconds = this.#header.getUint32(at + 8, true);
    return true;
  }

  /** Where the data of the first control message of this kind is, which has as many octets at least; -1: there is none. */
  #received(level: number, type: number, octets: number): number {
    const end = this.controlLength;
    for (let at = 0; at + CMSG_HEADER <= end; ) {
      const place = this.#controlAt + at;
      const length = this.#header.getUint32(place, true);
      if (length < CMSG_HEADER || at + length > end) return -1;
      const wanted = this.#header.getInt32(place + 8, true) === level && this.#header.getInt32(place + 12, true) === type;
      if (wanted && length >= CMSG_HEADER + octets) return place + CMSG_HEADER;
      at += (length + 7) & ~7;
    }
    return -1;
  }
}
