/**
 * Fuzzes the experiment loader: shipped experiments and every golden error are mutated as bytes and as structure.
 * A finding is anything thrown that is not a RoamlabError, a case over two seconds, an error that cannot be printed, or a heap that grows.
 * `node --expose-gc scripts/fuzz/spec.ts --seconds 300 --seed 1`; the same seed gives the same cases.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: matrix references are written that way
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { parseExperiment, SpecError } from '../../src/spec/index.ts';

export interface SpecFinding {
  case: number;
  what: string;
  input: string;
}

const ROOT = join(import.meta.dirname, '..', '..');
const SLOW_MS = 2000;
const HEAP_BYTES = 256 << 20;
const PIECES = [
  ...[
    '[',
    ']',
    '{',
    '}',
    ': ',
    '- ',
    '? ',
    '&a ',
    '*a',
    '!!set ',
    '!t ',
    '---\n',
    '...\n',
    '|\n',
    '>-\n',
    '"',
    "'",
    '#',
    '%YAML 1.1\n',
    '<<: *a',
    '\t',
  ],
  ...[
    '${access}',
    '${',
    '${__proto__}',
    '$',
    '1e999',
    '-1s',
    '0x10',
    '.nan',
    'null',
    'yes',
    '~',
    '0',
    '-0',
    '2%',
    '10mbit',
    '999999999999min',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'default',
    '::/0',
    'fe80::1%eth0',
    '0.0.0.0/0',
    '255.255.255.255/32',
    '10.1.0.1/33',
    '::ffff:1.2.3.4/96',
  ],
  ...[
    'mn:eth1',
    'mn:',
    ':',
    'router',
    'readdress',
    'matrix: { a: [1, 2, 3] }\n',
    '\u0000',
    '\ud800',
    '\u202e',
    '\ufeff',
    '\u2028',
    '\r',
    '\r\n',
    'é',
    '😀',
  ],
];

/** mulberry32: small, seedable, good enough to choose mutations. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Mutator {
  readonly #random: () => number;
  readonly #seeds: string[];

  constructor(seed: number, seeds: string[]) {
    this.#random = random(seed);
    this.#seeds = seeds;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }

  #text(text: string): string {
    const at = this.#below(text.length + 1);
    const length = 1 + this.#below(this.#random() < 0.2 ? 200 : 8);
    const other = this.#pick(this.#seeds);
    switch (this.#below(7)) {
      case 0:
        return text.slice(0, at) + text.slice(at + length);
      case 1:
        return text.slice(0, at) + this.#pick(PIECES) + text.slice(at);
      case 2:
        return text.slice(0, at) + this.#pick(PIECES) + text.slice(at + length);
      case 3:
        return text.slice(0, at) + text.slice(at, at + length).repeat(1 + this.#below(this.#random() < 0.05 ? 3000 : 5)) + text.slice(at);
      case 4:
        return text.slice(0, at) + other.slice(this.#below(other.length + 1));
      case 5:
        return text.slice(0, at) + String.fromCharCode(this.#below(this.#random() < 0.7 ? 128 : 65536)) + text.slice(at + 1);
      default: {
        const lines = text.split('\n');
        const [from, to] = [this.#below(lines.length), this.#below(lines.length)];
        lines.splice(to, 0, ...lines.splice(from, 1 + this.#below(3)));
        return lines.join('\n');
      }
    }
  }

  /** Every container of the document, so that one can be changed. */
  #containers(value: unknown, found: object[] = []): object[] {
    if (typeof value !== 'object' || value === null) return found;
    found.push(value);
    for (const inner of Object.values(value)) this.#containers(inner, found);
    return found;
  }

  #structure(text: string): string {
    const root: unknown = parse(text, { logLevel: 'silent', maxAliasCount: 100 });
    const containers = this.#containers(root);
    if (containers.length === 0) return text;
    for (let n = 1 + this.#below(3); n > 0; n--) {
      const target = this.#pick(containers) as Record<string, unknown>;
      const keys = Object.keys(target);
      const key = keys.length > 0 ? this.#pick(keys) : '0';
      const donor = this.#pick(containers) as Record<string, unknown>;
      switch (this.#below(5)) {
        case 0:
          delete target[key];
          break;
        case 1:
          target[key] = this.#pick(PIECES);
          break;
        case 2:
          target[key] = this.#pick([null, true, -1, 1e308, 0.5, [], {}, '', 4294967296]);
          break;
        case 3:
          target[key] = structuredClone(donor[this.#pick(['0', '1', ...Object.keys(donor)])]);
          break;
        default:
          if (!Array.isArray(target)) target[this.#pick(PIECES)] = structuredClone(target[key]);
          else target.push(...structuredClone(target));
      }
    }
    return stringify(root);
  }

  next(): string {
    const seed = this.#pick(this.#seeds);
    let text = seed;
    if (this.#random() < 0.5) {
      try {
        text = this.#structure(seed);
      } catch {
        // A golden error that is no YAML at all: bytes are all there is to change.
      }
      if (this.#random() < 0.6) return text;
    }
    for (let n = 1 + this.#below(4); n > 0; n--) text = this.#text(text);
    return text;
  }
}

/** What is wrong with how the loader treats the input, or null. */
export function tryCase(input: string, slow = SLOW_MS): string | null {
  const start = performance.now();
  try {
    parseExperiment(input, 'fuzz.yaml');
  } catch (error) {
    if (!(error instanceof SpecError)) return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    const lines = input.split(/\r\n|\r|\n/).length;
    if (error.issues.some((issue) => !(issue.line >= 1 && issue.line <= lines && issue.col >= 1))) return 'a position outside the file';
    try {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing a terminal would act on may come through
      if (/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(error.format())) return 'a control character in the message';
    } catch (broken) {
      return `format() threw ${String(broken)}`;
    }
  }
  const took = performance.now() - start;
  return took > slow ? `took ${Math.round(took)} ms` : null;
}

/** Endless mutations of the shipped experiments, the golden errors and earlier findings; the same for the same seed. */
export function* specCases(seed: number): Generator<string, never> {
  const files = globSync(['topologies/**/*.yaml', 'test/spec/fixtures/errors/*.yml', 'test/spec/corpus/*.yml'], { cwd: ROOT }).sort();
  const mutator = new Mutator(
    seed,
    files.map((file) => readFileSync(join(ROOT, file), 'utf8')),
  );
  for (;;) yield mutator.next();
}

/** Runs for the given wall time. Findings are returned and reported, at most 20. */
export async function fuzzSpec(
  seconds: number,
  seed: number,
  report: (line: string) => void,
): Promise<{ cases: number; slowest: number; findings: SpecFinding[] }> {
  const inputs = specCases(seed);
  const findings: SpecFinding[] = [];
  const known = new Set<string>();
  const collect = globalThis.gc ?? (() => {});
  collect();
  const heap = process.memoryUsage().heapUsed;
  const end = performance.now() + seconds * 1000;
  let [cases, slowest] = [0, 0];
  while (performance.now() < end && findings.length < 20) {
    const input = inputs.next().value;
    cases++;
    const start = performance.now();
    const what = tryCase(input);
    const took = performance.now() - start;
    if (took > slowest && took > SLOW_MS / 4)
      report(`case ${cases}: ${Math.round(took)} ms, ${input.length} characters: ${JSON.stringify(input.slice(0, 300))}`);
    slowest = Math.max(slowest, took);
    const kind = what
      ?.split('\n')
      .slice(0, 2)
      .join(' ')
      .replace(/\d+ ms/, '');
    if (what !== null && !known.has(kind!)) {
      known.add(kind!);
      findings.push({ case: cases, what, input });
      report(`case ${cases}: ${what}\n${JSON.stringify(input).slice(0, 2000)}`);
    }
    if (cases % 5000 === 0) {
      collect();
      const grown = process.memoryUsage().heapUsed - heap;
      if (grown > HEAP_BYTES) {
        findings.push({ case: cases, what: `the heap grew by ${grown >> 20} MiB`, input: '' });
        break;
      }
      report(`${cases} cases, slowest ${Math.round(slowest)} ms, heap ${grown >> 20} MiB over the start, ${findings.length} findings`);
      await new Promise(setImmediate);
    }
  }
  return { cases, slowest, findings };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } } });
  const result = await fuzzSpec(Number(values.seconds), Number(values.seed), (line) => console.log(line));
  console.log(`${result.cases} cases, slowest ${Math.round(result.slowest)} ms, ${result.findings.length} findings`);
  process.exitCode = result.findings.length === 0 ? 0 : 1;
}
