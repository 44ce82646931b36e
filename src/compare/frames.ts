/**
 * Two captures read side by side, packet by packet, up to the first one that differs. Both are read in pieces of the same
 * size and are equal up to there, so hardly anything waits for the other side.
 */
import { forEachFrame } from '../pcap/index.ts';
import { RoamlabError } from '../types/errors.ts';
import type { Frame } from '../types/packet.ts';
import type { PacketDifference } from './types.ts';

export interface FrameDifference {
  /** from 1 */
  number: number;
  /** null: this side has no such frame, `ends` says why */
  a: Frame | null;
  b: Frame | null;
  ends: { a: string | null; b: string | null };
  /** see PacketDifference */
  drift: PacketDifference['drift'];
}

/** Thrown through the reader to stop it. */
class Enough extends Error {}

class Side {
  /** why nothing more comes; null while there is more to read */
  end: string | null = null;
  /** the file ends inside a packet */
  cut = false;
  error: RoamlabError | null = null;
  #waiting: Frame[] = [];
  #taken = 0;

  /** True when it is known what comes next. */
  get ready(): boolean {
    return this.#taken < this.#waiting.length || this.end !== null;
  }

  /** The next frame, null behind the last. */
  take(): Frame | null {
    const frame = this.#waiting[this.#taken++] ?? null;
    if (this.#taken >= this.#waiting.length) [this.#waiting, this.#taken] = [[], 0];
    return frame;
  }

  /** `enough` is asked after each frame, and at the end. */
  async read(path: string, epoch: number, enough: () => boolean): Promise<void> {
    let frames = 0;
    try {
      const { truncated, warnings } = await forEachFrame(path, { epoch }, (frame) => {
        frames += 1;
        this.#waiting.push(frame);
        if (enough()) throw new Enough();
      });
      this.cut = truncated;
      const why = warnings.find((warning) => warning.startsWith(`frame ${frames + 1}: `) || warning.startsWith(`after frame ${frames}: `));
      this.end = truncated ? (why ?? 'the file is cut short') : `the file ends after packet ${frames}`;
    } catch (error) {
      if (error instanceof Enough) return;
      if (!(error instanceof RoamlabError)) throw error;
      this.error = error;
      this.end = error.message;
    }
    enough();
  }
}

/** What is found while both sides are read. */
class Search {
  readonly #a: Side;
  readonly #b: Side;
  #number = 0;
  #over = false;
  difference: FrameDifference | null = null;

  constructor(a: Side, b: Side) {
    this.#a = a;
    this.#b = b;
  }

  get broken(): boolean {
    return this.#a.error !== null || this.#b.error !== null;
  }

  /** Compares what both sides have ready; true when there is nothing left to look for. */
  readonly advance = (): boolean => {
    while (!this.#over && !this.broken && this.#a.ready && this.#b.ready) {
      this.#number += 1;
      this.#pair(this.#a.take(), this.#b.take());
    }
    return this.#over || this.broken;
  };

  #pair(a: Frame | null, b: Frame | null): void {
    if (a === null || b === null) {
      this.#over = true;
      if (a !== null || b !== null || this.#a.cut || this.#b.cut) this.#differs(a, b, null);
      return;
    }
    const sameOctets = a.length === b.length && a.linkType === b.linkType && Buffer.compare(a.data, b.data) === 0;
    if (sameOctets && a.t === b.t) return;
    this.#differs(a, b, sameOctets ? Math.abs(b.t - a.t) : null);
  }

  /** `apart`: ns, when time alone differs; then it may be so for many packets, and the search goes on for one that differs more. */
  #differs(a: Frame | null, b: Frame | null, apart: number | null): void {
    this.#over ||= apart === null;
    if (this.difference === null) {
      const ends = { a: a === null ? this.#a.end : null, b: b === null ? this.#b.end : null };
      const drift = apart === null ? null : { packets: 1, most: apart, until: null };
      this.difference = { number: this.#number, a, b, ends, drift };
      return;
    }
    const drift = this.difference.drift!;
    if (apart === null) drift.until = this.#number;
    else {
      drift.packets += 1;
      drift.most = Math.max(drift.most, apart);
    }
  }
}

/**
 * The first frame that differs in time, link type, length or octets, or that one side lacks; null when all are equal. `errors` says
 * when a file is no capture at all, and then there is no difference. Times in ns since `epoch`, on both sides.
 */
export async function firstFrame(
  a: string,
  b: string,
  epoch: number,
): Promise<{ difference: FrameDifference | null; errors: { a: RoamlabError | null; b: RoamlabError | null } }> {
  const [sideA, sideB] = [new Side(), new Side()];
  const search = new Search(sideA, sideB);
  await Promise.all([sideA.read(a, epoch, search.advance), sideB.read(b, epoch, search.advance)]);
  return { difference: search.broken ? null : search.difference, errors: { a: sideA.error, b: sideB.error } };
}
