// Static checks: format and lint (biome), types (tsc), which room may import which (dependency-cruiser).
import { spawnSync } from 'node:child_process';

const checks = [
  ['biome', ['check', '.']],
  ['tsc', ['-p', '.']],
  ['depcruise', ['src', '--output-type', 'err']],
];
let failed = false;
for (const [tool, args] of checks) {
  console.log(`check: ${tool} ${args.join(' ')}`);
  const { status } = spawnSync(`node_modules/.bin/${tool}`, args, { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
