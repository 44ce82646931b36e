/**
 * KVM where it truly works. A /dev/kvm that opens proves nothing: nested or restricted hosts let the guest spin for ever, so the
 * guest kernel itself must print its first line within a time limit. The answer is kept per host boot.
 */
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, contentHash } from '../host/cache.ts';
import { waitFor } from '../host/wait.ts';
import { consoleTail, startQemu } from './qemu.ts';

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

async function boots(kernel: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-kvm-'));
  const console = join(folder, 'console.log');
  const qemu = startQemu({ accelerator: 'kvm', cpus: 1, memory: 256, kernel, initrd: [], console, append: 'loglevel=7 ignore_loglevel' });
  let ended = false;
  const closed = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    qemu.on('close', end).on('error', end);
  });
  const speaks = () => /Linux version/.test(consoleTail(console, 1000));
  try {
    return await waitFor('a kernel under KVM', () => (speaks() ? 'yes' : ended ? 'no' : null), { timeout: LIMIT, interval: 50 }).then(
      (answer) => answer === 'yes',
      () => false,
    );
  } finally {
    qemu.kill('SIGKILL');
    await closed;
    rmSync(folder, { recursive: true, force: true });
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
  const answer: Acceleration = (await boots(kernel))
    ? { accelerator: 'kvm', why: 'a kernel booted under KVM' }
    : { accelerator: 'tcg', why: `/dev/kvm opens, but no kernel booted under it within ${LIMIT / 1000} s` };
  writeFileSync(note, JSON.stringify(answer));
  return answer;
}
