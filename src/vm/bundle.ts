/**
 * The guest's second and third archive: Node and the one native module (cached, they change with the lock file only),
 * and roamlab's own code as one bundle per thread and program with the job (made anew every time, in tens of milliseconds).
 */

import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { build } from 'esbuild';
import { cached, contentHash } from '../host/cache.ts';
import { type Entry, writeCpio } from './cpio.ts';
import type { GuestJob } from './protocol.ts';

const SOURCE = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

const folder = (path: string): Entry => ({ path, mode: 0o040755 });

function tree(from: string, to: string): Entry[] {
  const entries: Entry[] = [folder(to)];
  for (const name of readdirSync(from).sort()) {
    const path = join(from, name);
    const info = statSync(path);
    if (info.isDirectory()) entries.push(...tree(path, `${to}/${name}`));
    else entries.push({ path: `${to}/${name}`, mode: 0o100644, data: readFileSync(path) });
  }
  return entries;
}

function packageFolder(name: string): string {
  let at = dirname(require.resolve(name));
  while (!at.endsWith(join('node_modules', name))) at = dirname(at);
  return at;
}

/** The archive with Node itself and koffi's prebuilt module. */
export async function ensureRuntime(): Promise<string> {
  const koffi = packageFolder('koffi');
  const platform = `@koromix/koffi-linux-${process.arch}`;
  const native = join(dirname(koffi), platform);
  const versions = [koffi, native].map((path) => readFileSync(join(path, 'package.json')));
  const name = `runtime-${contentHash(process.version, process.arch, ...versions)}`;
  const made = await cached(name, async (draft) => {
    const out = createWriteStream(join(draft, 'runtime.cpio'));
    await writeCpio(out, [
      folder('roamlab'),
      { path: 'roamlab/node', mode: 0o100755, data: { file: process.execPath, size: statSync(process.execPath).size } },
      folder('roamlab/node_modules'),
      folder('roamlab/node_modules/@koromix'),
      ...tree(koffi, 'roamlab/node_modules/koffi').filter((e) => /\.(c?js|json)$/.test(e.path) || e.data === undefined),
      ...tree(native, `roamlab/node_modules/${platform}`),
    ]);
    out.end();
    await once(out, 'close');
  });
  return join(made, 'runtime.cpio');
}

/** Threads, and the program that a run starts in its nodes. */
const PROGRAMS = {
  'traffic-worker': 'traffic/worker.ts',
  'mobility-worker': 'mobility/worker.ts',
  helper: 'helper/main.ts',
  'helper-worker': 'helper/worker.ts',
};
const MAIN = join(SOURCE, 'vm/guest/main.ts');
export const VIRTUAL_MAIN = join(SOURCE, 'vm/guest/virtual.ts');

/**
 * The archive with our code and the job, if any; the same bytes wherever roamlab lies. `main` is the program the guest runs; tests bring
 * their own.
 */
export async function overlay(job: GuestJob | null, main = MAIN): Promise<Buffer> {
  const built = await build({
    absWorkingDir: SOURCE, // the bundle names its sources relative to this
    entryPoints: { guest: main, ...Object.fromEntries(Object.entries(PROGRAMS).map(([name, path]) => [name, join(SOURCE, path)])) },
    bundle: true,
    write: false,
    outdir: '/roamlab',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['koffi'],
    outExtension: { '.js': '.mjs' },
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'silent',
  });
  const entries: Entry[] = [
    folder('roamlab'),
    ...built.outputFiles.map((file) => ({ path: `roamlab/${relative('/roamlab', file.path)}`, mode: 0o100644, data: file.contents })),
    ...(job === null ? [] : [{ path: 'roamlab/job.json', mode: 0o100600, data: Buffer.from(JSON.stringify(job)) }]),
  ];
  const stream = new PassThrough();
  const collected = buffer(stream);
  await writeCpio(stream, entries);
  stream.end();
  return collected;
}
