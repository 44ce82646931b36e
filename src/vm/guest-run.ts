/**
 * The host's side of one guest: boot it with a job, hand out what it sends, and turn a panic, a hang or an exhausted
 * memory into an error with the console's last lines.
 */
import { closeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { RoamlabError } from '../types/errors.ts';
import { ensureRuntime, overlay } from './bundle.ts';
import type { Image } from './image.ts';
import { FrameReader, type GuestJob, type GuestMessage } from './protocol.ts';
import { consoleTail, nameless, pathOf, type Qemu, startQemu } from './qemu.ts';

/** The guest sends something at least every second; silence this long (ms) is a hang. Emulated guests on a loaded host are slow. */
const SILENCE = 60_000;
/** From power-on to the first word, ms. */
const BOOT = 180_000;

export interface GuestOptions {
  image: Image;
  accelerator: 'kvm' | 'tcg';
  clock: 'real' | 'virtual';
  /** MiB */
  memory?: number;
  cpus?: number;
  signal: AbortSignal;
  onMessage: (message: GuestMessage, body: Buffer) => void;
  /** TypeScript file the guest runs instead of its controller */
  main?: string;
  /** ms without a word that count as a hang; tests shorten it */
  silence?: number;
}

/** What the console's last lines say about a guest that ended; `status` is all there is when they say nothing. */
export function causeOfDeath(tail: string, status: string): string {
  if (/Out of memory|oom-kill|panic_on_oom/i.test(tail)) return 'the guest ran out of memory';
  const panic = /Kernel panic - not syncing: (.*)/.exec(tail)?.[1];
  if (panic !== undefined) return `the guest kernel panicked (${panic})`;
  return `the guest ended before its job did (${status})`;
}

/** Boots a guest, returns when it has said `bye`. Throws E_GUEST* (exit 1), or the guest's own error. */
export async function runGuest(job: GuestJob, options: GuestOptions): Promise<void> {
  options.signal.throwIfAborted();
  const archives = [options.image.initrd, await ensureRuntime(), await overlay(job, options.main)];
  const console = nameless();
  try {
    const qemu = startQemu({
      accelerator: options.accelerator,
      clock: options.clock,
      cpus: options.cpus ?? Math.min(2, availableParallelism()),
      memory: options.memory ?? 1536,
      kernel: options.image.kernel,
      initrd: archives,
      console,
    });
    await attend(qemu, pathOf(console), options);
  } finally {
    closeSync(console);
  }
}

function attend(qemu: Qemu, console: string, options: GuestOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    let stderr = '';
    let timer: NodeJS.Timeout;
    let outcome: { error: unknown } | { done: true } | null = null;
    const conclude = (result: NonNullable<typeof outcome>) => {
      outcome ??= result;
      if ('error' in result) qemu.kill('SIGKILL');
    };
    const fail = (code: string, what: string) =>
      conclude({
        error: new RoamlabError(
          code,
          1,
          `${what}\nconsole of the guest, last lines:\n${consoleTail(console)}${stderr === '' ? '' : `\nQEMU: ${stderr}`}`,
        ),
      });
    const expect = (ms: number, what: string) => {
      clearTimeout(timer);
      timer = setTimeout(() => fail('E_GUEST_HANG', `no sign of life from the guest for ${ms / 1000} s ${what}`), ms);
    };
    const onAbort = () => conclude({ error: options.signal.reason });
    options.signal.addEventListener('abort', onAbort, { once: true });
    if (options.signal.aborted) onAbort(); // while the archives were made
    const reader = new FrameReader((message, body) => {
      expect(options.silence ?? SILENCE, 'after it had started');
      if (message.type === 'bye') conclude({ done: true });
      else if (message.type === 'failed') {
        const { code, exit, hint } = message;
        conclude({ error: new RoamlabError(code, exit as 1 | 2 | 3, message.message, hint === undefined ? {} : { hint }) });
      } else options.onMessage(message, body);
    });
    expect(BOOT, 'since it was switched on');
    qemu.stdin.on('error', () => {});
    qemu.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-4000);
    });
    qemu.stdout.on('data', (chunk: Buffer) => {
      try {
        if (!over) reader.push(chunk);
      } catch (error) {
        over = true;
        if (error instanceof RangeError) fail('E_GUEST', `the guest sent what none of ours sends: ${error.message}`);
        else conclude({ error });
      }
    });
    qemu.on('error', (error) => {
      clearTimeout(timer);
      reject(new RoamlabError('E_TOOLS_MISSING', 3, `cannot start QEMU: ${error.message}`));
    });
    qemu.on('close', (status, signal) => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
      if (outcome === null) fail('E_GUEST', causeOfDeath(consoleTail(console, 1000), `QEMU exit ${status ?? signal}`));
      const end = outcome as unknown as { error: unknown } | { done: true };
      if ('error' in end) reject(end.error);
      else resolve();
    });
  });
}
