/**
 * What a reader has to say about a file without giving up on it. Each kind of complaint is kept once, with the place
 * it was first seen and a count: a hostile file can repeat one a million times.
 */
export class Warnings {
  readonly #seen = new Map<string, { first: string; count: number }>();

  add(what: string, place: string): void {
    const known = this.#seen.get(what);
    if (known === undefined) this.#seen.set(what, { first: place, count: 1 });
    else known.count++;
  }

  list(): string[] {
    return [...this.#seen].map(([what, { first, count }]) => `${first}: ${what}${count > 1 ? ` (${count} times)` : ''}`);
  }
}
