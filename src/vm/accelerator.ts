/**
 * KVM where it truly works. A /dev/kvm that opens proves nothing: nested or restricted hosts let the guest spin for ever, so the
 * guest kernel itself must print its first line within a time limit. The answer is kept per host boot.
 */
import { accessSync, closeSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, contentHash } from '../host/cache.ts';
import { waitFor } from '../host/wait.ts';
import { consoleTail, nameless, pathOf, startQemu } from './qemu.ts';

export interface Acceleration {
  accelerator: 'kvm' | 'tcg';
  why: string;
}

/** A working KVM prints within a second. */
const LIMIT = 10_000;

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

/** null: it booted; else why not. */
async function refusal(kernel: string): Promise<string | null> {
  const console = nameless();
  const append = 'loglevel=7 ignore_loglevel';
  const qemu = startQemu({ accelerator: 'kvm', clock: 'real', cpus: 1, memory: 256, kernel, initrd: [], console, append });
  qemu.stdin.on('error', () => {});
  let stderr = '';
  let ended = false;
  qemu.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const closed = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    qemu.child.on('close', end).on('error', end);
  });
  const booted = () => /Linux version/.test(consoleTail(pathOf(console), 1000));
  try {
    await waitFor('a kernel under KVM', () => booted() || ended, { timeout: LIMIT, interval: 50 });
    return booted() ? null : `/dev/kvm opens, but QEMU ended: ${stderr.trim().split('\n').at(-1) ?? 'no message'}`;
  } catch {
    return `/dev/kvm opens, but no kernel booted under it within ${LIMIT / 1000} s`;
  } finally {
    qemu.child.kill('SIGKILL');
    await closed;
    closeSync(console);
  }
}

/** KVM if `kernel` boots under it here, else TCG, with the reason in a few words. `fresh` asks again. */
export async function chooseAccelerator(kernel: string, options: { fresh?: boolean } = {}): Promise<Acceleration> {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return { accelerator: 'tcg', why: existsSync('/dev/kvm') ? 'no permission to open /dev/kvm' : 'no /dev/kvm' };
  }
  const note = join(cacheFolder(), `kvm-${contentHash(bootId(), kernel)}`);
  if (options.fresh !== true && existsSync(note)) return JSON.parse(readFileSync(note, 'utf8')) as Acceleration;
  const why = await refusal(kernel);
  const answer: Acceleration = why === null ? { accelerator: 'kvm', why: 'a kernel booted under KVM' } : { accelerator: 'tcg', why };
  writeFileSync(note, JSON.stringify(answer));
  return answer;
}
