#!/usr/bin/env node
// The `roamlab` command. The sources are TypeScript that Node 24 runs as they are; where the system's Node is older, the
// one that npm installed beside the project (package `node`) takes over.
import { spawnSync } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), '../src/cli/main.ts');
// compiled sources are kept: a start then takes some 0.3 s instead of 0.5 s
process.env.NODE_COMPILE_CACHE ??= join(dirname(fileURLToPath(import.meta.url)), '../node_modules/.cache/roamlab');
const [major] = process.versions.node.split('.').map(Number);
if (major >= 24) {
  module.enableCompileCache();
  await import(main);
} else {
  const require = createRequire(import.meta.url);
  const node = join(dirname(require.resolve('node/package.json')), 'bin/node');
  // Ctrl-C reaches the child as well: it cleans up and decides the exit code
  process.on('SIGINT', () => {});
  const { status, signal } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(signal === null ? (status ?? 1) : 128 + 9);
}
