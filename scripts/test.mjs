// `npm test`: static checks, the unit lane, then the lab lane on real kernels in the guest. Installs what is missing where
// root and apt allow; says what to install elsewhere. `npm test -- --unit` leaves the lab lane out.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

// what the tests need before `roamlab setup` runs: an independent dissector, a browser, cpio and ps to look with, ip for namespaces
const TOOLS = { tshark: 'tshark', chromium: 'chromium', cpio: 'cpio', ps: 'procps', ip: 'iproute2' };
const unitOnly = process.argv.includes('--unit');
const scratch = mkdtempSync(join(tmpdir(), 'roamlab-npm-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };

const onPath = (name) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => existsSync(join(folder, name)));

function step(title, argv, env = {}) {
  const started = performance.now();
  console.log(`\n== ${title}: ${argv.join(' ')}`);
  const { status } = spawnSync(argv[0], argv.slice(1), { stdio: 'inherit', env: { ...process.env, ...env } });
  console.log(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'} after ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return status === 0;
}

function installTools() {
  const packages = Object.entries(TOOLS).flatMap(([program, name]) => (onPath(program) ? [] : [name]));
  if (packages.length === 0) return true;
  const line = ['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages];
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    console.log(`tests that need ${packages.join(', ')} will be skipped; as root: ${line.join(' ')}`);
    return true;
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return step('package lists', ['apt-get', 'update', '-q'], env) && step('test tools', line, env);
}

function lane(name) {
  const report = join(scratch, `${name}.json`);
  const argv = [
    'node_modules/.bin/vitest',
    'run',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const ok = step(`${name} lane`, argv);
  if (!existsSync(report)) return false;
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
  total.passed += numPassedTests;
  total.failed += numFailedTests;
  total.skipped += numPendingTests;
  return ok;
}

let ok = installTools() && step('checks', [process.execPath, 'scripts/check.mjs']);
ok = lane('unit') && ok;
if (!unitOnly) {
  const ready = step('setup', [process.execPath, 'scripts/roamlab.mjs', 'setup', '--netns', '--mobikex']);
  ok = ready && lane('lab') && ok;
}
rmSync(scratch, { recursive: true, force: true });
if (!ok && total.failed === 0) total.failed = 1; // a check or a setup step failed, not a test
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(ok ? 0 : 1);
