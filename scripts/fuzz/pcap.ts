/**
 * Mutated captures through reader and decoder, with keys. A finding is any throw but a RoamlabError, a case of more
 * than two seconds, or memory beyond a bound. Every case follows from the seed and its number.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decodeFrame, decodeFrames, KeyRing, parsePayload, readCapture } from '../../src/pcap/index.ts';
import { RoamlabError } from '../../src/types/errors.ts';
import { KEYS, seeds } from '../../test/pcap/build/seeds.ts';
import { mutate, Random } from './mutate.ts';

const SLOW_MS = 2000;
/** above what the process holds at the start; a case reads at most some 100 KB */
const MEMORY = 512 * 1024 * 1024;

export interface FuzzResult {
  cases: number;
  frames: number;
  refused: number;
  findings: { case: number; what: string; file: string }[];
  peakRss: number;
}

/** Fuzzes for `seconds`; findings are also written to `corpus`. `report` gets a line now and then. */
export async function fuzzPcap(
  seconds: number,
  seed: number,
  report: (line: string) => void,
  corpus = new URL('../../test/pcap/corpus/', import.meta.url).pathname,
): Promise<FuzzResult> {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-fuzz-'));
  const path = join(folder, 'case');
  const inputs = seeds();
  const result: FuzzResult = { cases: 0, frames: 0, refused: 0, findings: [], peakRss: 0 };
  const base = process.memoryUsage.rss();
  const end = performance.now() + seconds * 1000;
  let said = performance.now();
  try {
    while (performance.now() < end) {
      const random = new Random(seed, result.cases);
      const bytes = mutate(random, inputs);
      writeFileSync(path, bytes);
      const finding = await tryCase(path, result);
      const rss = process.memoryUsage.rss();
      result.peakRss = Math.max(result.peakRss, rss);
      const what = finding ?? (rss - base > MEMORY ? `memory grew to ${rss} octets` : null);
      if (what !== null) {
        mkdirSync(corpus, { recursive: true });
        const file = join(corpus, `seed-${seed}-case-${result.cases}.bin`);
        writeFileSync(file, bytes);
        result.findings.push({ case: result.cases, what, file });
        report(`case ${result.cases}: ${what}`);
      }
      result.cases++;
      if (performance.now() - said > 10_000) {
        said = performance.now();
        report(`${result.cases} cases, ${result.frames} frames, ${result.refused} refused, ${result.findings.length} findings`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return result;
}

/** What is wrong with how the file at `path` is handled, or null. */
export async function tryCase(path: string, count: { frames: number; refused: number }): Promise<string | null> {
  const start = performance.now();
  try {
    const { frames, epoch } = await readCapture(path);
    count.frames += frames.length;
    const ring = new KeyRing(KEYS.ike, KEYS.esp);
    const packets = decodeFrames(frames, new KeyRing(KEYS.ike, KEYS.esp));
    for (const [i, frame] of frames.entries()) {
      const alone = decodeFrame(frame, ring);
      const packet = packets[i]!;
      if (alone.protocol !== packet.protocol || alone.esp?.inner?.src !== packet.esp?.inner?.src) return `frame ${i} differs in bulk`;
      parsePayload(packet.esp?.inner?.payload ?? packet.payload, epoch);
    }
  } catch (error) {
    if (!(error instanceof RoamlabError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
    count.refused++;
  }
  const took = performance.now() - start;
  return took > SLOW_MS ? `took ${took.toFixed(0)} ms` : null;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } } });
  const result = await fuzzPcap(Number(values.seconds), Number(values.seed), console.log);
  console.log(JSON.stringify({ ...result, peakRss: `${(result.peakRss / 2 ** 20).toFixed(0)} MiB` }, null, 2));
  process.exitCode = result.findings.length === 0 ? 0 : 1;
}
