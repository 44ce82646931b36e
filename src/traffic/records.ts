/**
 * Cuts what is read from a stream into records of one size: TCP has no boundaries, and SCTP may deliver the pieces of a message one by
 * one (partial delivery, RFC 6458 section 3.1.1 MSG_EOR), but never two messages in one read.
 */
export class RecordCutter {
  readonly #record: Buffer;
  #have = 0;

  /** `size`: octets of a record, at least 1. */
  constructor(size: number) {
    this.#record = Buffer.alloc(size);
  }

  /** Calls `each` with every record that the first `length` octets of `chunk` complete; it is good until `each` returns. */
  push(chunk: Buffer, length: number, each: (record: Buffer) => void): void {
    const { length: size } = this.#record;
    let at = 0;
    if (this.#have > 0) {
      at = Math.min(size - this.#have, length);
      chunk.copy(this.#record, this.#have, 0, at);
      this.#have += at;
      if (this.#have < size) return;
      this.#have = 0;
      each(this.#record);
    }
    for (; length - at >= size; at += size) each(at === 0 ? chunk : chunk.subarray(at, at + size));
    this.#have = chunk.copy(this.#record, 0, at, length);
  }
}
