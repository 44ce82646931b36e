/**
 * IKE fragments (RFC 7383): each is encrypted on its own, and together they hold the payloads of one message. Only
 * fragments that were decrypted and verified come here; still, the number of open messages is bounded.
 */
const MAX_OPEN = 16;
const MAX_FRAGMENTS = 256;

interface Open {
  total: number;
  /** type of the first payload, known from fragment 1 */
  first: number;
  parts: (Buffer | undefined)[];
  have: number;
}

export interface Whole {
  first: number;
  plain: Buffer;
}

export class Fragments {
  readonly #open = new Map<string, Open>();

  /** Adds fragment `number` (from 1) of `total`; the whole message once all are there. */
  add(message: string, number: number, total: number, first: number, plain: Buffer): Whole | null {
    if (number < 1 || number > total || total > MAX_FRAGMENTS) return null;
    let open = this.#open.get(message);
    // a larger total restarts the message with smaller fragments (RFC 7383 section 2.5.2)
    if (open === undefined || total > open.total) {
      open = { total, first: 0, parts: [], have: 0 };
      this.#open.set(message, open);
      if (this.#open.size > MAX_OPEN) this.#open.delete(this.#open.keys().next().value!);
    }
    if (open.total !== total || open.parts[number] !== undefined) return null;
    open.parts[number] = plain;
    if (number === 1) open.first = first;
    if (++open.have < total) return null;
    this.#open.delete(message);
    return { first: open.first, plain: Buffer.concat(open.parts.slice(1) as Buffer[]) };
  }
}
