/**
 * Offloads of the interfaces in the calling thread's network namespace, over ethtool's ioctl. A process per interface
 * costs some 5 ms; these two calls cost microseconds.
 */
import { errnoText } from './errno.ts';
import { AF, close, ethtool, SOCK, socket } from './libc.ts';

const GSTRINGS = 0x1b;
const GFEATURES = 0x3a;
const SFEATURES = 0x3b;
const FEATURE_NAMES = 4; // ETH_SS_FEATURES
const NAME = 32;

/** `ethtool -K`'s short names and the kernel's features they stand for. */
const OFFLOADS = {
  tso: /^tx-tcp.*-segmentation$/,
  gso: /^tx-generic-segmentation$/,
  gro: /^rx-gro$/,
  tx: /^tx-checksum-/,
  rx: /^rx-checksum$/,
  sg: /^tx-scatter-gather/,
};

/** The command that does the same to one interface. */
export const offloadsOffCommand = (dev: string): string[] => [
  ...['ethtool', '-K', dev],
  ...Object.keys(OFFLOADS).flatMap((name) => [name, 'off']),
];

const words = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);

function ask(fd: number, dev: string, what: string, command: Buffer): Buffer {
  const answer = ethtool(fd, dev, command);
  if (typeof answer === 'number') throw new Error(`${dev}: cannot ${what}: ${errnoText(answer)}`);
  return answer;
}

let known: number[] | undefined;

/** The bits of all offloads, one 32-bit word after the other. The kernel has one list for all interfaces. */
function offloadBits(fd: number, dev: string): number[] {
  if (known !== undefined) return known;
  const answer = ask(fd, dev, 'list features', words(GSTRINGS, FEATURE_NAMES, 0));
  const count = answer.readUInt32LE(8);
  const patterns = Object.values(OFFLOADS);
  const bits = Array<number>(Math.ceil(count / 32)).fill(0);
  for (let i = 0; i < count; i++) {
    const name = answer.toString('latin1', 12 + i * NAME, 12 + (i + 1) * NAME).replace(/\0.*$/s, '');
    if (patterns.some((pattern) => pattern.test(name))) bits[i >> 5]! |= 1 << (i & 31);
  }
  known = bits;
  return bits;
}

/** Per word: what can be changed, and what is on. */
function features(fd: number, dev: string, count: number): { available: number[]; active: number[] } {
  const answer = ask(fd, dev, 'read features', words(GFEATURES, count));
  const column = (at: number) => Array.from({ length: count }, (_, i) => answer.readUInt32LE(8 + i * 16 + at));
  return { available: column(0), active: column(8) };
}

/**
 * Switches segmentation, receive coalescing, checksum offload and scatter-gather off, and reads back that they are. Throws
 * what the kernel said, or that something stayed on.
 */
export function offloadsOff(dev: string): void {
  const fd = socket(AF.INET, SOCK.DGRAM, 0);
  try {
    const bits = offloadBits(fd, dev);
    const { available } = features(fd, dev, bits.length);
    const change = bits.flatMap((word, i) => [(word & available[i]!) >>> 0, 0]);
    ask(fd, dev, 'switch offloads off', words(SFEATURES, bits.length, ...change));
    if (features(fd, dev, bits.length).active.some((word, i) => (word & bits[i]!) !== 0)) throw new Error(`${dev}: an offload stayed on`);
  } finally {
    close(fd);
  }
}
