/** The command as users start it: its own process, exit codes, and what goes to which stream. Spawned once per question, side by side. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';

const HELLO = 'topologies/hello.yaml';
const folder = mkdtempSync(join(tmpdir(), 'roamlab-cli-'));
const cache = join(folder, 'cache');
afterAll(() => rmSync(folder, { recursive: true }));

async function roamlab(...args: string[]): Promise<{ exit: number | undefined; stdout: string; stderr: string }> {
  const result = await execa(process.execPath, ['scripts/roamlab.mjs', ...args], {
    reject: false,
    stdin: 'ignore',
    env: { ROAMLAB_CACHE: cache, NO_COLOR: '1' },
  });
  return { exit: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe.concurrent('help and usage', () => {
  test('--help lists every verb and the exit codes', async () => {
    const { exit, stdout, stderr } = await roamlab('--help');
    for (const verb of ['run', 'analyze', 'diff', 'validate', 'plan', 'doctor', 'setup', 'schema', 'gc'])
      expect(stdout).toMatch(new RegExp(`^  ${verb}\\b`, 'm'));
    expect(stdout).toMatch(/Exit codes: 0 ok, 1 .*, 2 .*, 3 .*, 130 interrupted/);
    expect([exit, stderr]).toEqual([0, '']);
  });

  test('--version is the package’s', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const { exit, stdout } = await roamlab('--version');
    expect([exit, stdout.split('+')[0]]).toEqual([0, version]);
  });

  test.each([
    ['an unknown verb', ['valdate'], 'Did you mean validate?'],
    ['a missing argument', ['run'], "missing required argument 'file'"],
    ['a number that is none', ['run', HELLO, '--runs', '0'], 'a whole number from 1 is wanted'],
    ['a tolerance without its sign', ['run', HELLO, '--until-ci', '0.05'], 'a percentage between 0% and 100% is wanted, such as 5%'],
    [
      'a folder for what is to be found',
      ['run', HELLO, '--resume', '--out', 'x'],
      "'--resume' cannot be used with option '--out <folder>'",
    ],
  ])('%s is exit 2, told on stderr', async (_, args, said) => {
    const { exit, stdout, stderr } = await roamlab(...args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });
});

describe.concurrent('validate', () => {
  test('says what is in a good file; a missing and a bad one are exit 2 with their codes', async () => {
    const bad = file('bad.yaml', readFileSync(HELLO, 'utf8').replace('interface: eth1', 'interface: eth9'));
    const { exit, stdout, stderr } = await roamlab('validate', HELLO, join(folder, 'missing.yaml'), bad);
    expect(exit).toBe(2);
    expect(stdout).toBe(`${HELLO}: ok, 1 cell(s), 3 runs each`);
    expect(stderr).toContain('[E_FILE_MISSING]');
    expect(stderr).toMatch(/bad\.yaml:\d+:\d+: .*eth9.*\[E_SPEC_/);
  });

  test('--json is nothing but JSON, good or bad', async () => {
    const bad = file('bad-too.yaml', 'name: 5\n');
    const { exit, stdout } = await roamlab('validate', '--json', HELLO, bad);
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toEqual([
      { file: HELLO, ok: true, cells: ['all'] },
      { file: bad, ok: false, issues: expect.arrayContaining([expect.objectContaining({ code: expect.stringMatching(/^E_SPEC_/) })]) },
    ]);
  });
});

describe.concurrent('plan', () => {
  test('prints a script the shell can parse', async () => {
    const { exit, stdout, stderr } = await roamlab('plan', 'topologies/e2e/mobike-multihoming.yaml', '--cell', 'access=lab-ethernet');
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^#!\/bin\/sh\n# mobike-multihoming, cell access=lab-ethernet, seed \d+/);
    expect(stdout).toContain('link set dev eth1 down');
    await execa('sh', ['-n'], { input: stdout });
  });

  test('--json is one plan per cell; --null has no event; the seed can be given', async () => {
    const { exit, stdout } = await roamlab('plan', '--json', '--null', '--seed', '5', 'topologies/e2e/mobike-multihoming.yaml');
    const plans = JSON.parse(stdout) as { cell: string; seed: number; plan: { do: string }[][] }[];
    expect(exit).toBe(0);
    expect(plans.map((p) => p.cell)).toEqual(['access=lab-ethernet', 'access=public-hotspot']);
    for (const { plan } of plans) expect(plan.flat().map((s) => s.do)).not.toContain('event');
  });

  test('an unknown cell is exit 2 and names the known ones', async () => {
    const { exit, stdout, stderr } = await roamlab('plan', HELLO, '--cell', 'nope');
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain('[E_CELL]\n  → cells: all');
  });
});

describe.concurrent('schema', () => {
  test('is the file editors are pointed at', async () => {
    const { exit, stdout } = await roamlab('schema');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync('src/spec/experiment.schema.json', 'utf8')));
  });

  test('a reader that goes first is no error', async () => {
    const child = execa(process.execPath, ['scripts/roamlab.mjs', 'schema'], { reject: false, buffer: { stdout: false } });
    child.stdout.destroy();
    const { exitCode, stderr } = await child;
    expect([exitCode, stderr]).toEqual([0, '']);
  });
});

describe.concurrent('analyze', () => {
  const capture = 'test/pcap/fixtures/strongswan-cbc/capture.pcap';
  const keys = 'test/pcap/fixtures/strongswan-cbc/keys';

  test.each([
    ['a path that is not there', ['/nonexistent'], 'E_FILE_MISSING'],
    ['a folder that is no result', ['topologies'], 'E_FOLDER_READ'],
    ['a file that is no capture', ['package.json'], 'E_'],
    ['a device, which like a pipe has no end of its own', ['/dev/zero'], 'E_FILE_KIND'],
  ])('%s is exit 2', async (_, args, code) => {
    const { exit, stdout, stderr } = await roamlab('analyze', '--json', ...args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`[${code}`);
  });

  test('a capture of others, for people', async () => {
    const { exit, stdout, stderr } = await roamlab('analyze', capture, '--keys', keys);
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/192\.0\.2\.1/);
    expect(() => JSON.parse(stdout)).toThrow();
  });

  test('and as JSON', async () => {
    const { exit, stdout, stderr } = await roamlab('analyze', '--json', capture, '--keys', keys);
    expect([exit, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
  });
});

describe('gc', () => {
  test('--dry-run names abandoned drafts, with --days also old entries, and removes nothing', async () => {
    const draft = join(cache, `image-1.${process.pid}-1.tmp`);
    for (const path of [draft, join(cache, 'image-2')]) mkdirSync(path, { recursive: true });
    const dry = await roamlab('gc', '--dry-run');
    expect([dry.exit, dry.stderr]).toEqual([0, '']);
    expect(dry.stdout).toContain(`would go: ${draft} (abandoned draft)`);
    expect(dry.stdout).not.toContain('image-2');
    const listed = JSON.parse((await roamlab('gc', '--dry-run', '--json', '--days', '0')).stdout);
    expect([existsSync(draft), existsSync(join(cache, 'image-2'))]).toEqual([true, true]);
    expect(listed).toMatchObject({
      removed: false,
      cache: [
        { path: draft, abandoned: true },
        { name: 'image-2', abandoned: false },
      ],
    });
  });
});

describe('run', () => {
  test('of a file that is not there is exit 2, before anything is asked of this machine', async () => {
    const { exit, stdout, stderr } = await roamlab('run', '--json', join(folder, 'none.yaml'));
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain('[E_FILE_MISSING]');
  });

  test('with --resume where nothing was begun is exit 2 and says where was looked', async () => {
    const fresh = file('fresh.yaml', readFileSync(HELLO, 'utf8').replace('name: hello', 'name: never-begun'));
    const { exit, stdout, stderr } = await roamlab('run', '--json', fresh, '--resume');
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain('results/never-begun: no unfinished results of this experiment and seed [E_RESUME]');
  });

  test('with --out below a file is exit 2 and names the file', async () => {
    const { exit, stdout, stderr } = await roamlab('run', '--json', HELLO, '--out', join(file('taken', ''), 'out'));
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${join(folder, 'taken')}: this is not a folder [E_OUT]`);
  });

  test('on this host without root is exit 3 and says why', async () => {
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const out = mkdtempSync(join(tmpdir(), 'roamlab-cli-open-'));
    chmodSync(out, 0o777);
    const args = ['scripts/roamlab.mjs', 'run', '--json', HELLO, '--backend', 'netns', '--out', out];
    const { exitCode, stdout, stderr } = await execa(process.execPath, args, { reject: false, stdin: 'ignore', ...nobody });
    expect([exitCode, stdout, readdirSync(out)]).toEqual([3, '', []]);
    rmSync(out, { recursive: true });
    expect(stderr).toMatch(/cannot run this experiment here: not root \[E_BACKEND\]\n {2}→ `--backend vm`/);
  });

  test('with the virtual clock on this host is exit 2', async () => {
    const { exit, stderr } = await roamlab('run', HELLO, '--backend', 'netns', '--clock', 'virtual');
    expect([exit, stderr]).toEqual([2, expect.stringContaining('[E_BACKEND]')]);
  });
});
