import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, compareRuns } from '../../src/compare/index.ts';
import { copy, damage, edit, flipAt, RUN, scratchFolder, virtualResults } from './folders.ts';

let folder: string;
let a: string;
let copies = 0;

beforeAll(async () => {
  folder = await scratchFolder();
  a = join(await virtualResults(join(folder, 'a')), RUN);
});

/** The same run in results of their own, changed. */
async function against(change: (run: string) => Promise<unknown>): Promise<Comparison> {
  copies += 1;
  const results = await copy(join(folder, 'a'), join(folder, `b${copies}`));
  await change(join(results, RUN));
  return compareRuns(a, join(results, RUN));
}

describe('the same octets', () => {
  it('are identical, with the hash of every file', async () => {
    const comparison = await against(async () => {});
    expect(comparison).toMatchObject({ identical: true, bytes: null, event: null, circumstances: [] });
    expect(comparison.files.map(({ path }) => path)).toEqual([
      'events.jsonl',
      'facts.json',
      'flows/up.jsonl',
      'log/charon-mn.log',
      'pcap/mn-eth0.pcap',
      'pcap/server-eth0.pcap',
      'run.json',
    ]);
    const octets = await readFile(join(a, 'run.json'));
    const state = { size: octets.length, sha256: createHash('sha256').update(octets).digest('hex') };
    expect(comparison.files.at(-1)).toEqual({ path: 'run.json', status: 'equal', a: state, b: state });
  });

  it('hold for the real clock as well', async () => {
    const real = await copy(join(folder, 'a'), join(folder, 'real'));
    await edit(join(real, 'experiment.json'), (record) => Object.assign(record.provenance as object, { clock: 'real' }));
    expect(await compareRuns(join(real, RUN), a)).toMatchObject({ identical: true, circumstances: [{ what: 'clock', a: 'real' }] });
  });
});

describe('files', () => {
  it('of one side only are named, in folders of their own too', async () => {
    const { files, bytes } = await against(async (run) => {
      await rm(join(run, 'flows/up.jsonl'));
      await mkdir(join(run, 'more'));
      await writeFile(join(run, 'more/notes.txt'), 'x');
    });
    const odd = files.filter(({ status }) => status !== 'equal').map(({ path, status }) => `${status} ${path}`);
    expect(odd).toEqual(['only-a flows/up.jsonl', 'only-b more/notes.txt']);
    expect(bytes).toEqual({ packets: [], event: null, files: [] });
  });

  it('a text: the first differing line, and where in it', async () => {
    const log = 'log/charon-mn.log';
    const { bytes } = await against((run) => appendFile(join(run, log), 'one\ntwo\n'));
    const [found] = bytes!.files;
    expect(found).toMatchObject({ file: log, content: { kind: 'text', line: 2, a: null, b: { text: 'one', from: 0 } }, note: null });
    const { bytes: inside } = await against((run) => damage(join(run, log), (o) => Buffer.from(String(o).replace('roam job', 'roam jab'))));
    const [line] = inside!.files;
    expect(line!.content).toMatchObject({ kind: 'text', line: 1, b: { text: expect.stringContaining('roam jab'), from: 0 } });
    expect(line!.offset).toBe(String(await readFile(join(a, log))).indexOf('roam job') + 6);
  });

  it('a line of megabytes: only what is around the difference', async () => {
    const long = (mark: string): string => `first\n${'x'.repeat(3_000_000)}${mark}${'y'.repeat(1000)}\n`;
    await writeFile(join(a, 'long.txt'), long('A'));
    const { bytes } = await against((run) => writeFile(join(run, 'long.txt'), long('B')));
    await rm(join(a, 'long.txt'));
    const { offset, content } = bytes!.files.find(({ file }) => file === 'long.txt')!;
    expect([offset, content.kind === 'text' && content.line]).toEqual([3_000_006, 2]);
    if (content.kind !== 'text') return;
    expect(content.a!.text).toMatch(/^x+Ay+$/);
    expect(content.a!.text.length).toBeLessThan(500);
    expect(content.a!.from + content.a!.text.indexOf('A')).toBe(3_000_000);
  });

  it('what is no text: octets', async () => {
    await writeFile(join(a, 'binary'), Buffer.alloc(100));
    const { bytes } = await against((run) => writeFile(join(run, 'binary'), Buffer.alloc(100).fill(1, 40, 41)));
    await rm(join(a, 'binary'));
    expect(bytes!.files).toEqual([
      {
        file: 'binary',
        offset: 40,
        content: { kind: 'octets', a: { at: 16, hex: '00'.repeat(64) }, b: { at: 16, hex: `${'00'.repeat(24)}01${'00'.repeat(39)}` } },
        note: null,
      },
    ]);
  });
});

describe('an event', () => {
  const change = (field: string, by: number) => (run: string) =>
    damage(join(run, 'events.jsonl'), (octets) => {
      const event = JSON.parse(String(octets));
      event[field] += by;
      return Buffer.from(`${JSON.stringify(event)}\n`);
    });

  it('that differs: the field, and by how much', async () => {
    const { bytes } = await against(change('confirmed', 12));
    expect(bytes!.event).toMatchObject({ line: 1, field: 'confirmed', later: 12 });
    expect(bytes!.event!.b!.confirmed! - bytes!.event!.a!.confirmed!).toBe(12);
    // said once
    expect(bytes!.files).toEqual([]);
  });

  it('with another notification', async () => {
    const { bytes } = await against((run) =>
      damage(join(run, 'events.jsonl'), (octets) => Buffer.from(String(octets).replace('[]', '[{"t":5,"what":"mn: link eth0 down"}]'))),
    );
    expect(bytes!.event).toMatchObject({ field: 'notifications[0]', later: null });
  });

  it('that one run lacks', async () => {
    const { bytes } = await against((run) => damage(join(run, 'events.jsonl'), () => Buffer.alloc(0)));
    expect(bytes!.event).toMatchObject({ line: 1, field: null, b: null });
  });

  it('that is no event is a line that differs', async () => {
    const { bytes, notes } = await against((run) => damage(join(run, 'events.jsonl'), () => Buffer.from('{}\n')));
    expect(bytes!.event).toBeNull();
    expect(bytes!.files).toMatchObject([{ file: 'events.jsonl', content: { kind: 'text', line: 1 } }]);
    expect(notes.join('\n')).toMatch(/^B: .*events\.jsonl:1: /m);
  });
});

describe('a folder nobody can trust', () => {
  it('with a broken record: everything else is still compared', async () => {
    const { bytes, notes, b, metrics } = await against(async (run) => {
      await damage(join(run, 'run.json'), (octets) => octets.subarray(0, 20));
      await damage(join(run, 'pcap/mn-eth0.pcap'), flipAt(24 + 16 + 50));
    });
    expect(b).toMatchObject({ run: null, seed: null, numbers: 'stored' });
    expect(notes.join('\n')).toMatch(/^B: .*run\.json: not JSON/m);
    expect(bytes!.packets).toMatchObject([{ file: 'pcap/mn-eth0.pcap', number: 1, offset: 50, later: 0 }]);
    expect(metrics!.every(({ difference }) => difference === 0 || difference === null)).toBe(true);
  });

  it('with broken keys: packets stay closed', async () => {
    const { notes, bytes } = await against(async (run) => {
      await mkdir(join(run, 'keys'), { recursive: true });
      await writeFile(join(run, 'keys/esp_sa'), 'nonsense\n');
      await damage(join(run, 'pcap/mn-eth0.pcap'), flipAt(24 + 16 + 50));
    });
    expect(notes.join('\n')).toMatch(/^B: .*esp_sa:1: /m);
    expect(bytes!.packets).toMatchObject([{ number: 1, offset: 50 }]);
  });

  it('with a pipe, or a link to nowhere, in place of a file: named and never read', async () => {
    const { files, notes } = await against(async (run) => {
      await rm(join(run, 'pcap/mn-eth0.pcap'));
      execFileSync('mkfifo', [join(run, 'pcap/mn-eth0.pcap')]);
      await mkdir(join(run, 'keys'), { recursive: true });
      execFileSync('mkfifo', [join(run, 'keys/esp_sa')]);
      await symlink('/nonexistent', join(run, 'gone'));
    });
    const odd = files.filter(({ status }) => status !== 'equal').map(({ path, b }) => [path, b]);
    const nothing = { size: 0, sha256: null };
    expect(odd).toEqual([
      ['gone', nothing],
      ['keys/esp_sa', nothing],
      ['pcap/mn-eth0.pcap', nothing],
    ]);
    expect(notes).toContain('B: pcap/mn-eth0.pcap: no regular file, not read');
  });

  it('with facts of a strange shape: the analysis is done again, and nothing is written', async () => {
    const strange = '{"metrics":{"__proto__":5,"T_SYS":"fast"}}';
    let facts = '';
    const { b, metrics, notes } = await against(async (run) => {
      facts = join(run, 'facts.json');
      await writeFile(facts, strange);
    });
    expect(b.numbers).toBe('analysed again');
    expect(metrics!.find(({ metric }) => metric === 'T_STALLED.up')).toMatchObject({ a: 0.2, b: 0.2, difference: 0, unit: 's' });
    expect(metrics!.find(({ metric }) => metric === 'loss.up')).toMatchObject({ a: 19, b: 19, unit: 'packets' });
    expect(notes.join('\n')).toContain('facts.json');
    expect(await readFile(facts, 'utf8')).toBe(strange);
  });

  it('with nothing in it', async () => {
    const [x, y] = [join(folder, 'e1/run-001'), join(folder, 'e2/run-001')];
    for (const empty of [x, y]) await mkdir(empty, { recursive: true });
    await expect(compareRuns(x, y)).rejects.toMatchObject({ code: 'E_COMPARE_READ', exit: 2 });
    const { files, metrics, b } = await compareRuns(x, a, { view: 'event' });
    expect(files.every(({ status }) => status === 'only-b')).toBe(true);
    expect([metrics, b.run]).toEqual([null, 1]);
  });
});

it('stops when told to', async () => {
  const stop = new AbortController();
  stop.abort();
  await expect(compareRuns(a, a, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
});
