/**
 * strongSwan built from source into an install tree in the cache, named by the hash of everything it was made from: tarball,
 * patches, configure arguments, and the machine's C library and OpenSSL. The tree runs from wherever it lies.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached, contentHash } from '../host/cache.ts';
import { run } from '../host/command.ts';
import { RoamlabError } from '../types/errors.ts';
import { type Patch, series } from './series.ts';
import { ensureSource, RECIPE, type Release, releases } from './source.ts';

/** Bump when the way from recipe to tree changes. */
const FORMAT = '2';
const PREFIX = 'opt/roamlab-strongswan';
/** Programs and libraries look for their libraries beside themselves. */
const RUNPATH = ['$$ORIGIN/../../lib/ipsec', '$$ORIGIN/../lib/ipsec', '$$ORIGIN'].join(':');
const STEP = 600_000; // ms
/** Debian packages that the build needs. */
export const BUILD_PACKAGES = [
  'gcc',
  'make',
  'libc6-dev',
  'libssl-dev',
  'pkgconf',
  'autoconf',
  'automake',
  'libtool',
  'flex',
  'bison',
  'gperf',
  'patch',
  'bzip2',
];

export interface StrongswanTree {
  version: string;
  /** names of the patches in it, none for a stock build */
  patches: string[];
  hash: string;
  /** the tree; below it libexec/ipsec, lib/ipsec, sbin */
  root: string;
  charon: string;
  swanctl: string;
}

const configureArguments = (): string[] =>
  readFileSync(join(RECIPE, 'configure.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

async function toolchain(): Promise<string> {
  const missing: string[] = [];
  for (const argv of [
    ['gcc', '--version'],
    ['make', '--version'],
    ['autoreconf', '--version'],
    ['libtoolize', '--version'],
    ['patch', '--version'],
    ['bzip2', '--help'],
  ])
    await run(argv).catch(() => missing.push(argv[0] as string));
  const openssl = await run(['pkg-config', '--modversion', 'libcrypto']).catch(() => null);
  if (missing.length > 0 || openssl === null) {
    throw new RoamlabError(
      'E_STRONGSWAN_TOOLS',
      3,
      `building strongSwan needs ${[...missing, ...(openssl === null ? ['libssl-dev'] : [])].join(', ')}`,
      {
        hint: `as root: npx roamlab setup --mobikex, or apt-get install --no-install-recommends ${BUILD_PACKAGES.join(' ')}`,
      },
    );
  }
  const libc = await run(['getconf', 'GNU_LIBC_VERSION']);
  return `${libc.stdout.trim()} openssl ${openssl.stdout.trim()}`;
}

/** Unpacks the tarball at `tarball` into `folder` and applies `patches`. Throws E_STRONGSWAN_PATCH (exit 1). */
export async function unpack(tarball: string, patches: readonly Patch[], folder: string): Promise<void> {
  await run(['tar', '--no-same-owner', '--strip-components=1', '-xjf', tarball, '-C', folder], { timeout: STEP });
  for (const patch of patches) {
    await run(['patch', '-p1', '--fuzz=0', '--batch', '--forward', '-d', folder, '-i', patch.path]).catch((error: unknown) => {
      throw new RoamlabError('E_STRONGSWAN_PATCH', 1, `${patch.name} does not apply: ${(error as Error).message}`);
    });
  }
}

/** Configures the source in `folder`; `extra` are more arguments of configure. */
export async function configure(folder: string, extra: readonly string[] = [], cflags = '-O2'): Promise<void> {
  const here = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', folder];
  await run([...here, 'autoreconf', '-if'], { timeout: STEP }); // patches add files, and the release's automake is not this machine's
  const flags = [`CFLAGS=${cflags}`, `LDFLAGS=-Wl,-rpath,'${RUNPATH}'`];
  await run([...here, './configure', '--quiet', ...configureArguments(), ...extra, ...flags], { timeout: STEP });
}

/** A patched daemon says so wherever it tells its version (`charon --version`, vici). */
function markVersion(source: string, release: Release, hash: string): void {
  const path = join(source, 'configure.ac');
  const marked = `${release.version}+mobikex.${hash.slice(0, 8)}`;
  const text = readFileSync(path, 'utf8');
  const init = `AC_INIT([strongSwan],[${release.version}])`;
  if (!text.includes(init)) throw new RoamlabError('E_STRONGSWAN_PATCH', 1, `configure.ac lacks ${init}`);
  writeFileSync(path, text.replace(init, `AC_INIT([strongSwan],[${marked}])`));
  writeFileSync(join(source, '.tarball-git-version'), `${marked}\n`); // configure compares the two
}

async function build(release: Release, patches: readonly Patch[], hash: string, draft: string, say: (line: string) => void): Promise<void> {
  const tarball = await ensureSource(release, say);
  const source = mkdtempSync(join(tmpdir(), 'roamlab-strongswan-'));
  try {
    say(`strongSwan ${release.version}: building with ${patches.length} patches (once; about two minutes)`);
    await unpack(tarball, patches, source);
    if (patches.length > 0) markVersion(source, release, hash);
    await configure(source);
    await run(['make', '-s', '-C', join(source, 'src'), `-j${availableParallelism()}`], { timeout: STEP });
    const out = join(draft, 'install');
    mkdirSync(out);
    await run(['make', '-s', '-C', join(source, 'src'), 'install-strip', `DESTDIR=${out}`], { timeout: STEP });
    await run(['mv', join(out, PREFIX), join(draft, 'root')]);
    rmSync(out, { recursive: true });
    writeFileSync(
      join(draft, 'made-of.json'),
      `${JSON.stringify({ version: release.version, sha256: release.sha256, patches: patches.map((p) => p.name) })}\n`,
    );
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

export interface StrongswanOptions {
  /** a version of the recipe; default: the first whose source can be had */
  version?: string;
  /** with the patch series (default) or as released */
  patched?: boolean;
}

/** The hash of everything a build of `release` with `patches` is made from. Throws E_STRONGSWAN_TOOLS (exit 3). */
export async function treeHash(release: Release, patches: readonly Patch[]): Promise<string> {
  const parts = [FORMAT, release.sha256, configureArguments().join('\n'), await toolchain(), ...patches.flatMap((p) => [p.name, p.text])];
  return contentHash(...parts);
}

/** The tree of one release. Throws E_STRONGSWAN_* (exit 1 or 3), E_COMMAND (exit 1). */
async function tree(release: Release, patched: boolean, say: (line: string) => void): Promise<StrongswanTree> {
  const patches = patched ? series(release.version) : [];
  const hash = await treeHash(release, patches);
  const folder = await cached(`strongswan-${release.version}-${hash}`, (draft) => build(release, patches, hash, draft, say));
  const root = join(folder, 'root');
  return {
    version: release.version,
    patches: patches.map((p) => p.name),
    hash,
    root,
    charon: join(root, 'libexec/ipsec/charon'),
    swanctl: join(root, 'sbin/swanctl'),
  };
}

/**
 * strongSwan from source, built when it is not cached. Without a `version` the recipe's releases are tried in order, and `say`
 * tells why one was passed over. Throws E_STRONGSWAN_SOURCE, E_STRONGSWAN_TOOLS (exit 3), E_STRONGSWAN_PATCH, E_COMMAND (exit 1).
 */
export async function ensureStrongswan(say: (line: string) => void, options: StrongswanOptions = {}): Promise<StrongswanTree> {
  const all = releases();
  const wanted = options.version === undefined ? all : all.filter((r) => r.version === options.version);
  if (wanted.length === 0) {
    throw new RoamlabError('E_STRONGSWAN_VERSION', 2, `no recipe for strongSwan ${options.version}`, {
      hint: `there are: ${all.map((r) => r.version).join(', ')}`,
    });
  }
  for (const [index, release] of wanted.entries()) {
    try {
      return await tree(release, options.patched ?? true, say);
    } catch (error) {
      const last = index === wanted.length - 1;
      if (last || !(error instanceof RoamlabError) || error.code !== 'E_STRONGSWAN_SOURCE') throw error;
      say(`${error.message}\ntaking strongSwan ${wanted[index + 1]?.version} instead`);
    }
  }
  throw new Error('unreachable');
}
