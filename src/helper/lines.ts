/** Messages of the control socket: one JSON object per line, of limited length. */

/** octets of one line: a setup with some hundred tunnels, or their keys */
export const MAX_LINE = 1 << 20;

/** Cuts a stream of octets into lines. */
export class Lines {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(limit = MAX_LINE) {
    this.#limit = limit;
  }

  /** The lines that are complete with this chunk; null when one is too long, after which nothing more can be understood. */
  push(chunk: Buffer): string[] | null {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      if (!this.#keep(chunk.subarray(from, end))) return null;
      const whole = Buffer.concat(this.#parts);
      lines.push(whole.toString('utf8'));
      whole.fill(0);
      this.#drop();
      from = end + 1;
    }
    return this.#keep(chunk.subarray(from)) ? lines : null;
  }

  #keep(part: Buffer): boolean {
    this.#length += part.length;
    if (this.#length > this.#limit) {
      this.#drop();
      return false;
    }
    if (part.length > 0) this.#parts.push(part);
    return true;
  }

  /** What a line was made of may be keys. */
  #drop(): void {
    for (const part of this.#parts) part.fill(0);
    this.#parts = [];
    this.#length = 0;
  }
}
