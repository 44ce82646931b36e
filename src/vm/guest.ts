/**
 * The host's side of one guest while it lives: hands out what it says, and turns a panic, a hang or an exhausted memory into an
 * error with the console's last lines. Whoever starts one ends it.
 */
import { closeSync } from 'node:fs';
import { RoamlabError } from '../types/errors.ts';
import { Control } from './control.ts';
import { Patience } from './patience.ts';
import { FrameReader, type GuestMessage, NoteReader } from './protocol.ts';
import { consoleTail, type Machine, nameless, pathOf, type Qemu, startQemu } from './qemu.ts';

/** The guest says something at least every second of its own time; silence this long (ms) is a hang, unless it has no CPU (patience.ts). */
const SILENCE = 60_000;
/** From power-on to the first word, ms. */
const BOOT = 180_000;

export interface Attention {
  signal: AbortSignal;
  onMessage: (message: GuestMessage, body: Buffer) => void;
  /** ms without a word that count as a hang; tests shorten it */
  silence?: number | undefined;
  /** it has no boot before its first word */
  booted?: boolean;
}

/** What the console's last lines say about a guest that ended; `status` is all there is when they say nothing. */
export function causeOfDeath(tail: string, status: string): string {
  if (/Out of memory|oom-kill|panic_on_oom/i.test(tail)) return 'the guest ran out of memory';
  const panic = /Kernel panic - not syncing: (.*)/.exec(tail)?.[1];
  if (panic !== undefined) return `the guest kernel panicked (${panic})`;
  return `the guest ended before its job did (${status})`;
}

export class Guest {
  /** `bye`: it did its job; `stopped`: it waits to be stored. Rejects with E_GUEST* (exit 1), the guest's own error, or the abort's reason. */
  readonly outcome: Promise<'bye' | 'stopped'>;
  /** virtual clock only */
  readonly control: Control | null;
  readonly #qemu: Qemu;
  readonly #console = nameless();
  readonly #attention: Attention;
  readonly #closed: Promise<void>;
  #stderr = '';
  readonly #patience: Patience;
  #expected = '';
  #settle: { resolve: (how: 'bye' | 'stopped') => void; reject: (error: unknown) => void };

  constructor(machine: Omit<Machine, 'console'>, attention: Attention) {
    this.#attention = attention;
    const settle = Promise.withResolvers<'bye' | 'stopped'>();
    this.#settle = settle;
    this.#qemu = startQemu({ ...machine, console: this.#console } as Machine);
    this.#patience = new Patience(this.pid ?? 0, (starved) => {
      const more = starved < 1000 ? '' : `, not counting ${Math.round(starved / 1000)} s in which it had no CPU`;
      this.#fail('E_GUEST_HANG', `${this.#expected}${more}`);
    });
    this.outcome = settle.promise.finally(() => this.#patience.end());
    this.outcome.catch(() => {}); // whoever waits sees it
    this.#closed = this.#watchProcess();
    this.#watchWords();
    this.control = this.#qemu.control === null ? null : new Control(this.#qemu.control);
    this.control?.on('STOP', () => settle.resolve('stopped'));
    attention.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (attention.signal.aborted) this.#onAbort();
    if (attention.booted !== true) this.#expect(BOOT, 'since it was switched on');
    else this.#expect(attention.silence ?? SILENCE, 'since it went on');
  }

  /** Tells QEMU to do something; virtual clock only. Throws E_QEMU (exit 1), and what is known of its end when it ends. */
  async ask(execute: string, args: Record<string, unknown> = {}): Promise<unknown> {
    try {
      return await this.control?.ask(execute, args);
    } catch (error) {
      if (this.control?.ended === true) await this.outcome;
      throw error;
    }
  }

  /** The process of QEMU; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#qemu.child.pid;
  }

  /** Ends it, whatever it does, and returns when nothing of it is left. */
  async end(): Promise<void> {
    this.#qemu.child.kill('SIGKILL');
    await this.#closed;
    this.#patience.end();
    this.#attention.signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    this.#settle.reject(this.#attention.signal.reason);
    this.#qemu.child.kill('SIGKILL');
  };

  #fail(code: string, what: string): void {
    const tail = `console of the guest, last lines:\n${consoleTail(pathOf(this.#console))}`;
    const qemu = this.#stderr === '' ? '' : `\nQEMU: ${this.#stderr}`;
    this.#settle.reject(new RoamlabError(code, 1, `${what}\n${tail}${qemu}`));
  }

  #expect(ms: number, when: string): void {
    this.#expected = `no sign of life from the guest for ${ms / 1000} s ${when}`;
    this.#patience.expect(ms);
  }

  #heard(message: GuestMessage | null, body: Buffer): void {
    this.#expect(this.#attention.silence ?? SILENCE, 'after it had started');
    if (message === null) return;
    if (message.type === 'bye') this.#settle.resolve('bye');
    else if (message.type === 'failed') {
      const { code, exit, hint } = message;
      this.#settle.reject(new RoamlabError(code, exit as 1 | 2 | 3, message.message, hint === undefined ? {} : { hint }));
    } else this.#attention.onMessage(message, body);
  }

  /** What cannot be understood ends the conversation; what our own side throws is ours. */
  #watchWords(): void {
    const frames = new FrameReader((message, body) => this.#heard(message, body));
    const notes = new NoteReader((message) => this.#heard(message, Buffer.alloc(0)));
    const listen = (reader: { push: (chunk: Buffer) => void }) => {
      let over = false;
      return (chunk: Buffer) => {
        if (over) return;
        try {
          reader.push(chunk);
        } catch (error) {
          over = true;
          if (error instanceof RangeError) this.#fail('E_GUEST', `the guest sent what none of ours sends: ${error.message}`);
          else this.#settle.reject(error);
        }
      };
    };
    this.#qemu.results.on('data', listen(frames));
    this.#qemu.notes?.on('data', listen(notes)).on('error', () => {});
    this.#qemu.stdin.on('error', () => {});
    this.#qemu.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000);
    });
  }

  #watchProcess(): Promise<void> {
    return new Promise((resolve) => {
      const gone = () => {
        closeSync(this.#console);
        resolve();
      };
      this.#qemu.child.on('error', (error) => {
        this.#settle.reject(new RoamlabError('E_TOOLS_MISSING', 3, `cannot start QEMU: ${error.message}`));
        if (this.pid === undefined) gone();
      });
      this.#qemu.child.on('close', (status, signal) => {
        const tail = consoleTail(pathOf(this.#console), 1000);
        this.#fail('E_GUEST', causeOfDeath(tail, `QEMU exit ${status ?? signal}`)); // says nothing when the outcome is known
        gone();
      });
    });
  }
}
