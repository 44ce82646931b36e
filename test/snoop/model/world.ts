/** Virtual time. */

/** Events at most: a model that goes round without time passing fails instead of hanging. */
const MOST = 2_000_000;

/** What is due next; ties in the order of asking. */
export class World {
  now = 0;
  #steps = 0;
  #order = 0;
  readonly #due: { at: number; order: number; run: () => void }[] = [];

  /** Runs `run` in `delay` ms; the answer calls it off. */
  after(delay: number, run: () => void): () => void {
    const entry = { at: this.now + delay, order: this.#order++, run };
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#due[middle]!;
      // latest first: the next one is popped
      if (other.at > entry.at || (other.at === entry.at && other.order > entry.order)) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, entry);
    return () => {
      entry.run = () => {};
    };
  }

  /** Goes on until `done` or until virtual time `limit` (ms) is over or nothing is left to do. */
  runUntil(done: () => boolean, limit: number): void {
    while (!done()) {
      const next = this.#due.pop();
      if (next === undefined || next.at > limit) return;
      this.#steps += 1;
      if (this.#steps > MOST) throw new Error(`no end in sight at ${next.at} ms`);
      this.now = next.at;
      next.run();
    }
  }
}
