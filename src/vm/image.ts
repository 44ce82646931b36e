/**
 * The guest image: a Debian root made by mmdebstrap from the recipe in images/guest/, as an initramfs that runs wholly in
 * RAM. Cached under the hash of the recipe, so that editing roamlab's own code never rebuilds it.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { cached, contentHash } from '../host/cache.ts';
import { imagePrograms, programPath, requirePrograms } from '../host/packages.ts';
import { RoamlabError } from '../types/errors.ts';
import { type Entry, writeCpio } from './cpio.ts';

const RECIPE = join(import.meta.dirname, '../../images/guest');
const FILES = ['suite.txt', 'packages.txt', 'modules.txt', 'load.txt', 'customize.sh', 'init'] as const;
/** Bump when the way from recipe to image changes. */
const FORMAT = '4';

export interface Image {
  kernel: string;
  initrd: string;
  /** of the recipe: the name in the cache */
  hash: string;
  /** of what the recipe gave: Debian moves on, so one recipe gives different images on different days */
  content: string;
}

const lines = (name: string): string[] =>
  readFileSync(join(RECIPE, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

export function imageHash(): string {
  return contentHash(FORMAT, ...FILES.map((name) => readFileSync(join(RECIPE, name))));
}

const TYPE: Partial<Record<NonNullable<Header['type']>, number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  'character-device': 0o020000,
  'block-device': 0o060000,
  fifo: 0o010000,
};

/** Reads mmdebstrap's tar from `stream`; hard links become copies, the kernel is handed out separately. */
async function readRoot(stream: NodeJS.ReadableStream): Promise<{ entries: Entry[]; kernel: Buffer }> {
  const entries: Entry[] = [];
  let kernel: Buffer | null = null;
  const files = new Map<string, Buffer>();
  const unpack = extract();
  unpack.on('entry', (header, body, next) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: unknown) => chunks.push(chunk as Buffer));
    body.on('end', () => {
      const path = header.name.replace(/^\.?\//, '').replace(/\/$/, '');
      const data = Buffer.concat(chunks);
      if (/^boot\/vmlinuz-/.test(path)) kernel = data;
      else if (path !== '' && !path.startsWith('boot/')) {
        const linked = header.type === 'link' ? files.get((header.linkname ?? '').replace(/^\.?\//, '')) : undefined;
        const type = header.type === 'link' ? 0o100000 : TYPE[header.type ?? 'file'];
        const content = linked ?? (header.type === 'symlink' ? Buffer.from(header.linkname ?? '') : data);
        if (header.type === 'file') files.set(path, data);
        if (type !== undefined) {
          entries.push({
            path,
            mode: type | ((header.mode ?? 0o755) & 0o7777),
            ...(type === 0o100000 || type === 0o120000 ? { data: content } : {}),
            ...(header.devmajor === undefined ? {} : { device: [header.devmajor, header.devminor ?? 0] as [number, number] }),
          });
        }
      }
      next();
    });
  });
  await pipeline(stream, unpack);
  if (kernel === null) throw new RoamlabError('E_IMAGE', 1, 'mmdebstrap made a root without a kernel');
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { entries, kernel };
}

async function build(folder: string, say: (line: string) => void): Promise<void> {
  requirePrograms(imagePrograms(), 'building the guest image');
  const suite = lines('suite.txt')[0] ?? 'trixie';
  say(`building the guest image: Debian ${suite}, ${lines('packages.txt').length} packages (once; about a minute)`);
  const argv = [
    '--variant=essential',
    '--aptopt=APT::Install-Recommends "false"',
    ...['doc', 'man', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    `--include=${lines('packages.txt').join(',')}`,
    `--customize-hook=${join(RECIPE, 'customize.sh')}`,
    suite,
    '-',
  ];
  const child = spawn(programPath('mmdebstrap') ?? 'mmdebstrap', argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ROAMLAB_MODULES: join(RECIPE, 'modules.txt'), SOURCE_DATE_EPOCH: '0' },
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-20_000);
    for (const line of chunk.toString().split('\n')) if (line.startsWith('I: ')) say(`  ${line.slice(3)}`);
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const root = await readRoot(child.stdout).catch((error: unknown) => ({ error }));
  const [status] = await exited;
  if (status !== 0 || 'error' in root) {
    throw new RoamlabError('E_IMAGE', 1, `mmdebstrap failed (exit ${status}):\n${log.trim().split('\n').slice(-15).join('\n')}`, {
      hint: 'the last lines above are mmdebstrap’s own; it needs the network (or a package cache) and, without root, user namespaces',
      cause: 'error' in root ? root.error : undefined,
    });
  }
  writeFileSync(join(folder, 'vmlinuz'), root.kernel);
  const own: Entry[] = [
    { path: 'etc/roamlab', mode: 0o040755 },
    { path: 'etc/roamlab/load.txt', mode: 0o100644, data: readFileSync(join(RECIPE, 'load.txt')) },
    { path: 'init', mode: 0o100755, data: readFileSync(join(RECIPE, 'init')) },
  ];
  const out = createWriteStream(join(folder, 'root.cpio'));
  await writeCpio(out, [...root.entries, ...own]);
  out.end();
  await once(out, 'close');
  const content = createHash('sha256').update(root.kernel);
  for await (const chunk of createReadStream(join(folder, 'root.cpio'))) content.update(chunk as Buffer);
  writeFileSync(join(folder, 'content'), content.digest('hex').slice(0, 16));
}

/** The image of the current recipe, built when it is not cached. Throws E_IMAGE (exit 1) or E_TOOLS_MISSING (exit 3). */
export async function ensureImage(say: (line: string) => void): Promise<Image> {
  const hash = imageHash();
  const folder = await cached(`image-${hash}`, (draft) => build(draft, say));
  const content = readFileSync(join(folder, 'content'), 'utf8');
  return { kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'root.cpio'), hash, content };
}
