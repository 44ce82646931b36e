/** Running the real command, and throw-away folders, for the lab lane. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const ROOT = join(import.meta.dirname, '../..');
const COMMAND = join(ROOT, 'scripts/roamlab.mjs');

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  /** everything on stderr so far */
  said: () => string;
  finished: Promise<Finished>;
}

export function startRoamlab(args: string[], env: Record<string, string> = {}): Started {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: ROOT, stdio: [...stdio], env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const finished = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }) as Finished);
  return { child, said: () => stderr, finished };
}

export const roamlab = (args: string[], env: Record<string, string> = {}): Promise<Finished> => startRoamlab(args, env).finished;

export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
