import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, compareRuns, renderComparison } from '../../src/compare/index.ts';
import { fold, printable } from '../../src/compare/terminal/columns.ts';
import { ns } from '../../src/compare/terminal/words.ts';
import { copy, damage, RUN, recordAt, scratchFolder, sealedRun, virtualResults } from './folders.ts';

let bytes: Comparison;
let event: Comparison;
let same: Comparison;

beforeAll(async () => {
  const folder = await scratchFolder();
  const a = await virtualResults(join(folder, 'a'));
  const b = await copy(a, join(folder, 'b'));
  await damage(join(b, RUN, 'events.jsonl'), (octets) => Buffer.from(String(octets).replace('"confirmed":2000', '"confirmed":2003')));
  await appendFile(join(b, RUN, 'log/charon-mn.log'), `\u001b[31m${'漢'.repeat(300)}\tred\n`);
  await writeFile(join(b, RUN, '\u001b[2J.txt'), '');
  // packets nobody but the keys can open, in both
  for (const [results, flip] of [
    [a, 0],
    [b, 4],
  ] as const) {
    const sealed = await sealedRun(join(folder, `sealed${flip}`));
    const capture = join(results, RUN, 'pcap/sealed.pcap');
    await damage(join(sealed, 'pcap/mn-eth0.pcap'), (octets) => {
      octets[recordAt(octets, 8) + 16 + 70]! ^= flip;
      return octets;
    });
    await copy(join(sealed, 'pcap/mn-eth0.pcap'), capture);
    await copy(join(sealed, 'keys'), join(results, RUN, 'keys'));
  }
  bytes = await compareRuns(a, b, { run: 1 });
  event = await compareRuns(join(a, RUN), join(b, 'cells/all/null-001'));
  same = await compareRuns(a, a, { run: 1 });
});

const text = (comparison: Comparison, columns = 120): string => renderComparison(comparison, { columns, color: false });

describe.each([80, 81, 110, 111, 200])('%i columns', (columns) => {
  it('hold everything, wide characters too', () => {
    for (const comparison of [bytes, event, same]) {
      const lines = text(comparison, columns).split('\n');
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
    }
  });

  it('mark the first differing octet on both sides', () => {
    const lines = text(bytes, columns).split('\n');
    const mark = lines.findIndex((line) => line.includes('^^'));
    const at = [...lines[mark]!.matchAll(/\^\^/g)].map(({ index }) => lines[mark - 1]!.slice(index, index + 2));
    expect(at).toHaveLength(2);
    expect(Number.parseInt(at[0]!, 16) ^ Number.parseInt(at[1]!, 16)).toBe(4);
  });
});

describe('the bytes view', () => {
  it('says what was compared, how, and where it parts', () => {
    const shown = text(bytes);
    expect(shown).toMatch(/^not identical: \d+ of \d+ files equal, 3 differ, 1 only in B\n/);
    expect(shown).toContain('view: bytes (same experiment and seed, virtual clock)');
    expect(shown).toContain('first differing packet: pcap/sealed.pcap, packet 8: first differing octet 70 (ESP, encrypted part)');
    expect(shown).toMatch(/ESP 0xc0de 7 \[10\.10\.0\.1:40000 > .*│ .*ESP 0xc0de 7, not\b/);
    expect(shown).toContain('first differing event: events.jsonl, line 1: confirmed differs, B is 3.000000 ms later');
    expect(shown).toMatch(/confirmed {2}\+0\.000000 ms +│ confirmed {2}\+3\.000000 ms/);
    expect(shown).toContain('first difference of log/charon-mn.log, line 2');
    expect(shown).toMatch(/ {2}the file has ended +│ /);
    expect(shown).toContain('metrics (facts.json)');
  });

  it('lets no escape sequence through', () => {
    expect(text(bytes)).not.toContain('\u001b');
    expect(renderComparison(bytes, { columns: 80, color: true })).toContain('\u001b[1mnot identical');
  });

  it('shows at most so many files', () => {
    const [file] = bytes.files;
    const [difference] = bytes.bytes!.files;
    const many = Array.from({ length: 5000 }, (_, i) => ({ ...file!, path: `f${i}`, status: 'differs' as const }));
    const shown = text({
      ...bytes,
      files: many,
      bytes: { ...bytes.bytes!, files: many.map(({ path }) => ({ ...difference!, file: path })) },
    });
    expect(shown).toContain('and 4960 more, all with --json');
    expect(shown.split('\n').length).toBeLessThan(400);
  });
});

describe('the event view', () => {
  it('has steps, packets and metrics side by side', () => {
    const shown = text(event);
    expect(shown).toContain('view: event (B is a null run, the other is not)');
    expect(shown).toMatch(/^ {2}ms from the event +A +B +B − A$/m);
    expect(shown).toMatch(/^ {2}mn {2}admin-down .* 0\.000 +0\.000 +0\.000$/m);
    expect(shown).toMatch(/^ {2}mn {2}roam job due to address\/link change +\+105\.000 +.*$/m);
    expect(shown).toMatch(/^ {2}mn:eth0 {2}flows, in clear +281 +300 +\+19$/m);
    expect(shown).toContain('metrics (analysed again)');
    expect(shown).toMatch(/^ {2}loss\.up \(packets\) +19 +0 +-19$/m);
  });
});

it('identical is one word and a count', () => {
  expect(text(same)).toMatch(/^identical: \d+ files, \d+ octets\nA: /);
  expect(text(same)).not.toContain('view');
});

describe('text', () => {
  it('breaks at spaces where it can, and everywhere else where it must', () => {
    expect(fold('one two three', 7)).toEqual(['one two', 'three']);
    expect(fold('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k']);
    expect(fold('漢漢漢', 4)).toEqual(['漢漢', '漢']);
    expect(fold('', 4)).toEqual(['']);
    expect(fold('漢', 1)).toEqual(['漢', '']);
  });

  it('has no control characters', () => {
    expect(printable('a\tb\u0007\u202ec')).toBe('a b��c');
  });

  it('of times keeps the nanosecond', () => {
    expect([ns(1), ns(9999), ns(12_345), ns(12_345_678)]).toEqual(['1 ns', '9999 ns', '12.345 µs', '12.345678 ms']);
  });
});
