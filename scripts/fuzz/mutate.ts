/** Seeded mutations of binary files: bit flips, hostile integers, cuts, splices, swapped ranges, repeats. */

/** mulberry32, started from a seed and a case number. */
export class Random {
  #state: number;

  constructor(seed: number, number: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0;
  }

  /** 0 <= n < limit */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}

const NUMBERS = [
  0, 1, 3, 4, 7, 8, 15, 16, 20, 28, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x40000, 0x40001, 0x7fffffff, 0x80000000,
  0xffffffff,
];

type Mutation = (random: Random, bytes: Buffer, inputs: readonly Buffer[]) => Buffer;

const MUTATIONS: Mutation[] = [
  function flip(random, bytes) {
    for (let n = 1 + random.below(8); n > 0; n--) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  function number(random, bytes) {
    const value = random.pick(NUMBERS);
    const size = random.pick([1, 2, 4].filter((octets) => octets <= bytes.length));
    const at = random.below(bytes.length - size + 1);
    if (random.below(2) === 0) bytes.writeUIntBE(value % 2 ** (8 * size), at, size);
    else bytes.writeUIntLE(value % 2 ** (8 * size), at, size);
    return bytes;
  },
  function cut(random, bytes) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function remove(random, bytes) {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(40))]);
  },
  function insert(random, bytes) {
    const at = random.below(bytes.length);
    const noise = Buffer.from(Array.from({ length: 1 + random.below(40) }, () => random.below(256)));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
  function splice(random, bytes, inputs) {
    const other = random.pick(inputs);
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))]);
  },
  function swapHeader(random, bytes, inputs) {
    const octets = random.pick([4, 24, 28, 40]);
    return Buffer.concat([random.pick(inputs).subarray(0, octets), bytes.subarray(octets)]);
  },
  function repeat(random, bytes) {
    const at = random.below(bytes.length);
    const part = bytes.subarray(at, at + 1 + random.below(400));
    return Buffer.concat([bytes.subarray(0, at), ...Array<Buffer>(1 + random.below(50)).fill(part), bytes.subarray(at)]);
  },
];

/** One to six mutations of one of `inputs`, which stay as they are. */
export function mutate(random: Random, inputs: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(inputs));
  for (let n = 1 + random.below(6); n > 0 && bytes.length > 0; n--) bytes = Buffer.from(random.pick(MUTATIONS)(random, bytes, inputs));
  return bytes;
}
