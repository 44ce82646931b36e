import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hold, isHeld } from '../../src/host/hold.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'roamlab-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('an entry is held until all of this process who hold it let go, each once', () => {
  const path = folder();
  const [one, other] = [hold(path), hold(path)];
  one();
  one();
  expect(isHeld(path)).toBe(true);
  other();
  expect(isHeld(path)).toBe(false);
  expect(readdirSync(path)).toEqual([]);
});

test('another process that lives holds it; once it is gone nobody does, and its mark goes with the next holder', async () => {
  const path = folder();
  const source = `import { hold } from ${JSON.stringify(join(import.meta.dirname, '../../src/host/hold.ts'))};
hold(${JSON.stringify(path)});
console.log('held');
setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(isHeld(path)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isHeld(path)).toBe(false);
  expect(readdirSync(path)).toHaveLength(1);
  hold(path)();
  expect(readdirSync(path)).toEqual([]);
});

test('what is no folder is not held, and cannot be', () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  expect(isHeld(file)).toBe(false);
  expect(isHeld(join(file, 'nowhere'))).toBe(false);
  expect(() => hold(join(file, 'nowhere'))).toThrow();
});
