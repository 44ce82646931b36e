/**
 * One flow of numbered messages over an SCTP association or an MPTCP connection. `sent` is when the message was written to the socket,
 * `received` when it had been read: what lies between is the transport's work, its queues and its repairs. When the association ends
 * before its time the flow ends with it, and `refused` has the errno.
 */
import { close, EAGAIN, nanosecondsSince, realtime } from '../host/libc.ts';
import { bindx, setPeerPrimary } from '../host/sctp.ts';
import { receiveStream, sendStream } from '../host/stream-socket.ts';
import type { DeliveryRecord, Nanoseconds } from '../types/run.ts';
import { type OpenStream, openStream } from './connect.ts';
import { initPayload, readPayload, stampPayload } from './payload.ts';
import type { AddressChange, AddressChanged, FlowResult, StreamEndpoint } from './protocol.ts';
import { RecordCutter } from './records.ts';
import { MessageSchedule } from './schedule.ts';

/** Messages written, and reads done, before other flows have their turn. */
const TURN = 32;

const room = Buffer.alloc(65_536);

export class StreamFlow {
  readonly spec: StreamEndpoint;
  readonly #epoch: number;
  readonly #payload: Buffer;
  readonly #schedule: MessageSchedule;
  readonly #cutter: RecordCutter;
  readonly #deliveries: DeliveryRecord[] = [];
  readonly #refused: Record<string, number> = {};
  #open: OpenStream | null = null;
  #sent = 0;
  /** octets of the current message the socket has taken: TCP may take a part */
  #offset = 0;
  #full = false;
  #writing = true;
  #reading = true;
  #over = false;
  /** when the last octets were read */
  #at: Nanoseconds = 0;

  constructor(spec: StreamEndpoint, epoch: number) {
    this.spec = spec;
    this.#epoch = epoch;
    this.#payload = Buffer.alloc(spec.size);
    initPayload(this.#payload, spec.index);
    this.#schedule = new MessageSchedule(spec.rate, spec.phase);
    this.#cutter = new RecordCutter(spec.size);
  }

  /** Throws when it cannot be opened. */
  open(): void {
    this.#open = openStream(this.spec);
  }

  get sender(): number {
    return this.#open?.sender ?? -1;
  }

  get receiver(): number {
    return this.#open?.receiver ?? -1;
  }

  /** Waits for room: `sender` is to be watched. */
  get full(): boolean {
    return this.#full && this.#writing;
  }

  /** There may be more to read: `receiver` is to be watched. */
  get reading(): boolean {
    return this.#reading;
  }

  /** The transport still has messages to deliver: it repairs what is lost, and that takes its timers. */
  get pending(): boolean {
    return this.#reading && !this.#over && this.#deliveries.length < this.#sent;
  }

  begin(start: Nanoseconds, stop: Nanoseconds): void {
    this.#schedule.begin(start, stop);
  }

  /** There is room again. */
  roomy(): void {
    this.#full = false;
  }

  /** Writes what is due, at most one turn; returns when to come back, infinite for when there is room or never. */
  send(now: Nanoseconds): Nanoseconds {
    for (let written = 0; written < TURN; written++) {
      if (!this.#writing) return Number.POSITIVE_INFINITY;
      if (this.#full) {
        this.#schedule.waits();
        this.#writing = this.#offset > 0 || this.#schedule.next(now) < Number.POSITIVE_INFINITY;
        return Number.POSITIVE_INFINITY;
      }
      if (this.#offset === 0 && !this.#schedule.due(now)) return this.#schedule.next(now);
      this.#write();
    }
    return now;
  }

  #write(): void {
    if (this.#offset === 0) {
      const now = realtime();
      stampPayload(this.#payload, this.#sent, now.seconds, now.nanoseconds);
    }
    const taken = sendStream(this.sender, this.#offset === 0 ? this.#payload : this.#payload.subarray(this.#offset));
    if (taken < 0) {
      if (taken === -EAGAIN) this.#full = true;
      else this.#end(taken);
      return;
    }
    if (this.#offset === 0) {
      this.#sent++;
      this.#schedule.took();
    }
    this.#offset = (this.#offset + taken) % this.spec.size;
  }

  readonly #delivered = (record: Buffer): void => {
    const header = readPayload(record, this.spec.size, this.#epoch);
    if (header === null || header.flow !== this.spec.index) return;
    this.#deliveries.push([header.sequence, header.sent, this.#at]);
  };

  /** Reads what waits, at most one turn. */
  drain(): void {
    for (let reads = 0; reads < TURN; reads++) {
      const got = receiveStream(this.receiver, room);
      this.#at = nanosecondsSince(this.#epoch);
      if (got > 0) this.#cutter.push(room, got, this.#delivered);
      else {
        if (got !== -EAGAIN) this.#reading = false;
        if (got < 0 && got !== -EAGAIN) this.#end(got);
        return;
      }
    }
  }

  /** The association or connection is gone; what had been received before can still be read. */
  #end(error: number): void {
    this.#writing = false;
    if (!this.#over) this.#refused[-error] = 1;
    this.#over = true;
  }

  /** Makes the change now. */
  change({ action, address, end }: AddressChange): AddressChanged {
    const issued = nanosecondsSince(this.#epoch);
    const fd = end === 'sender' ? this.sender : this.receiver;
    const port = this.#open?.ports[end] ?? 0;
    const result = action === 'set-primary' ? setPeerPrimary(fd, address, port) : bindx(fd, action, [address], port);
    return { issued, done: nanosecondsSince(this.#epoch), errno: -result, over: this.#over };
  }

  result(): FlowResult {
    return { name: this.spec.name, sent: this.#sent, refused: this.#refused, deliveries: this.#deliveries };
  }

  /** Ends the association as the kernel does for a program that ends: it delivers what it has and shuts down (RFC 9260 section 9.2). */
  close(): void {
    const open = this.#open;
    this.#open = null;
    if (open !== null) for (const fd of [open.sender, open.receiver, open.listener]) close(fd);
  }
}
