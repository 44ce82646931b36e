/**
 * strongSwan's own unit tests of a release with the patch series: what upstream tests in libcharon, and the series' tests of codec and
 * exchanges. The verdict is cached under the hash of everything it depends on.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from '../host/cache.ts';
import { run } from '../host/command.ts';
import { RoamlabError } from '../types/errors.ts';
import { configure, treeHash, unpack } from './build.ts';
import { series } from './series.ts';
import { ensureSource, releases } from './source.ts';

const RUNNERS = ['libcharon_tests', 'exchange_tests'] as const;
const STEP = 900_000; // ms
/** What AddressSanitizer and UndefinedBehaviorSanitizer do not find in the release itself; the rest of UBSan is left out. */
const SANITIZE = '-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=alignment,shift,pointer-overflow';

export interface UnitTestOptions {
  /** with AddressSanitizer and UndefinedBehaviorSanitizer */
  sanitize?: boolean;
}

/**
 * Builds and runs the tests of `version`; returns the runners' output, one text each. Throws E_STRONGSWAN_TESTS (exit 1) with the failures,
 * and what building a tree throws.
 */
export async function strongswanUnitTests(
  version: string,
  say: (line: string) => void,
  options: UnitTestOptions = {},
): Promise<Record<(typeof RUNNERS)[number], string>> {
  const release = releases().find((r) => r.version === version);
  if (release === undefined) throw new RoamlabError('E_STRONGSWAN_VERSION', 2, `no recipe for strongSwan ${version}`);
  const patches = series(version);
  const flavour = options.sanitize === true ? 'sanitized' : 'plain';
  const folder = await cached(`strongswan-tests-${version}-${flavour}-${await treeHash(release, patches)}`, async (draft) => {
    const tarball = await ensureSource(release, say);
    const source = mkdtempSync(join(tmpdir(), 'roamlab-strongswan-'));
    try {
      say(`strongSwan ${version}: building its unit tests (once; a few minutes)`);
      await unpack(tarball, patches, source);
      await configure(source, [], options.sanitize === true ? SANITIZE : '-O1');
      const make = (folder: string, ...targets: string[]) =>
        run(['make', '-s', '-C', join(source, 'src', folder), `-j${availableParallelism()}`, ...targets], { timeout: STEP });
      await make('.');
      await make('libstrongswan/tests', 'libtest.la');
      await make('libcharon/tests', ...RUNNERS);
      writeFileSync(join(source, 'strongswan.conf'), '');
      const env = { STRONGSWAN_CONF: join(source, 'strongswan.conf'), ASAN_OPTIONS: 'detect_leaks=0' };
      for (const runner of RUNNERS) {
        const done = await run([join(source, 'src/libcharon/tests', runner)], { timeout: STEP, env, allow: [1, 134, 139] });
        if (done.exit !== 0 || !/^Passed all \d+ /m.test(done.stderr)) {
          const tail = done.stderr.trim().split('\n').slice(-40).join('\n');
          throw new RoamlabError('E_STRONGSWAN_TESTS', 1, `${runner} of strongSwan ${version} failed (exit ${done.exit}):\n${tail}`);
        }
        writeFileSync(join(draft, runner), done.stderr);
      }
    } finally {
      rmSync(source, { recursive: true, force: true });
    }
  });
  return Object.fromEntries(RUNNERS.map((name) => [name, readFileSync(join(folder, name), 'utf8')])) as Record<
    (typeof RUNNERS)[number],
    string
  >;
}
