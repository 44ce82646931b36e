/**
 * A strongSwan release as its authors published it: from their own site, or, where that cannot be reached, from Debian's source
 * package of the same release through apt. Either way the tarball is what the recipe's SHA-256 says, or it is not used.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../host/cache.ts';
import { run } from '../host/command.ts';
import { programPath } from '../host/packages.ts';
import { RoamlabError } from '../types/errors.ts';

export const RECIPE = join(import.meta.dirname, '../../images/strongswan');

export interface Release {
  version: string;
  /** hex SHA-256 of the release's .tar.bz2 */
  sha256: string;
  /** where its authors publish it */
  site: string;
  /** Debian suite whose source package contains the same file */
  suite: string;
}

/** The releases of the recipe, the preferred one first. */
export const releases = (): Release[] => JSON.parse(readFileSync(join(RECIPE, 'sources.json'), 'utf8')) as Release[];

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const DOWNLOAD = 60_000; // ms

function verify(bytes: Uint8Array, release: Release, from: string): Uint8Array {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 === release.sha256) return bytes;
  throw new Error(`${from}: SHA-256 ${sha256} is not the recipe's ${release.sha256}`);
}

async function fromSite(release: Release): Promise<Uint8Array> {
  const answer = await fetch(release.site, { signal: AbortSignal.timeout(DOWNLOAD) });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return verify(await answer.bytes(), release, release.site);
}

/** The Debian archive this machine already uses; before the first update apt knows no more of it than its address. */
async function archive(): Promise<string> {
  const format = '$(ORIGIN) $(RELEASE) $(REPO_URI)';
  const targets = (await run(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages'])).stdout;
  const main = /^Debian (?!\S*-security)\S+ (https?:\S+)$/m.exec(targets) ?? / (https?:\S+\/debian\/?)$/m.exec(targets);
  if (main?.[1] === undefined) throw new Error('apt on this machine uses no Debian archive');
  return main[1];
}

/** apt with an own state below `folder`: the machine's lists and sources stay as they are. */
async function fromApt(release: Release, folder: string): Promise<Uint8Array> {
  if (programPath('apt-get') === null) throw new Error('no apt-get here');
  const list = join(folder, 'sources.list');
  for (const each of ['lists/partial', 'cache/archives/partial', 'files']) mkdirSync(join(folder, each), { recursive: true });
  writeFileSync(list, `deb-src [signed-by=${KEYRING}] ${await archive()} ${release.suite} main\n`);
  const own = { sourcelist: list, sourceparts: '/dev/null' };
  const options = [
    ...Object.entries(own).map(([name, value]) => `Dir::Etc::${name}=${value}`),
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'APT::Sandbox::User=', // the folder belongs to whoever runs this
  ].flatMap((option) => ['-o', option]);
  await run(['apt-get', ...options, 'update', '-q'], { timeout: DOWNLOAD });
  const shown = await run(['apt-cache', ...options, 'showsrc', 'strongswan']);
  const version = [...shown.stdout.matchAll(/^Version: (\S+)$/gm)]
    .map((m) => m[1] as string)
    .find((v) => v.startsWith(`${release.version}-`));
  if (version === undefined) throw new Error(`Debian ${release.suite} has no source package of ${release.version} (any more)`);
  const env = { LC_ALL: 'C' };
  const fetching = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', join(folder, 'files'), 'apt-get', ...options];
  await run([...fetching, 'source', '-q', '--download-only', '--tar-only', `strongswan=${version}`], { timeout: DOWNLOAD, env });
  const file = readdirSync(join(folder, 'files')).find((name) => name.endsWith('.orig.tar.bz2'));
  if (file === undefined) throw new Error(`apt-get source left no tarball of ${version}`);
  return verify(readFileSync(join(folder, 'files', file)), release, file);
}

/**
 * Path of the verified tarball of `release`, from the cache when it was fetched before.
 * Throws E_STRONGSWAN_SOURCE (exit 3) with every place tried and what it said.
 */
export async function ensureSource(release: Release, say: (line: string) => void): Promise<string> {
  const folder = await cached(`strongswan-source-${release.version}-${release.sha256.slice(0, 16)}`, async (draft) => {
    const apt = join(draft, 'apt');
    const ways = { 'strongSwan’s own site': () => fromSite(release), 'Debian’s source package': () => fromApt(release, apt) };
    const failures: string[] = [];
    for (const [name, get] of Object.entries(ways)) {
      try {
        const bytes = await get();
        say(`strongSwan ${release.version}: source from ${name}, SHA-256 verified`);
        writeFileSync(join(draft, 'strongswan.tar.bz2'), bytes);
        await run(['rm', '-rf', apt]);
        return;
      } catch (error) {
        const cause = (error as Error).cause;
        failures.push(`${name}: ${(error as Error).message}${cause instanceof Error ? ` (${cause.message})` : ''}`);
      }
    }
    throw new RoamlabError('E_STRONGSWAN_SOURCE', 3, `no source of strongSwan ${release.version}\n${failures.join('\n')}`, {
      hint: `needs the network once; or put the tarball at ${join(draft.replace(/\.\d+-\d+\.tmp$/, ''), 'strongswan.tar.bz2')}`,
    });
  });
  const file = join(folder, 'strongswan.tar.bz2');
  verify(readFileSync(file), release, file); // the cache may have been written by hand
  return file;
}
