/** The helper: interfaces, sockets and threads of one node, from `open` to `stop`. */
import type { HelperAnswer, HelperRequest, HelperSetup, HelperStatistics, HelperTunnel } from '../types/helper.ts';
import { BadRequest } from './check.ts';
import { Descriptors, openAgent, openEnd } from './descriptors.ts';
import type { Command } from './protocol.ts';
import { rolesOf } from './roles.ts';
import { Thread } from './threads.ts';
import { addShare, noStatistics, total } from './totals.ts';

/** Codes of refusals, beside `bad-request`. */
type Code = 'open' | 'not-open' | 'failed' | 'no-tunnel';

class Refused extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

const texts = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Helper {
  readonly #descriptors = new Descriptors();
  readonly #onDeath: (reason: string) => void;
  #setup: HelperSetup | null = null;
  #ends: { name: string; thread: Thread }[] = [];
  #agent: Thread | null = null;

  /** `onDeath`: a thread ended by itself, and nothing works any more. */
  constructor(onDeath: (reason: string) => void) {
    this.#onDeath = onDeath;
  }

  /** Does it, and says how it went; never rejects. */
  async answer(request: HelperRequest): Promise<HelperAnswer> {
    try {
      if (request.do === 'open') await this.#open(request.setup);
      else if (request.do === 'keys') await this.#keys(request);
      else if (request.do === 'statistics') return { ok: true, statistics: await this.#statistics() };
      else await this.stop();
      return { ok: true };
    } catch (error) {
      const code = error instanceof Refused ? error.code : error instanceof BadRequest ? 'bad-request' : 'failed';
      return { ok: false, code, message: texts(error) };
    }
  }

  async #open(setup: HelperSetup): Promise<void> {
    if (this.#setup !== null) throw new Refused('open', 'the helper is open already');
    this.#setup = setup;
    try {
      for (const tunnel of setup.tunnels) this.#start(tunnel, setup.profile);
      const { agent, profile } = setup;
      if (agent !== null)
        this.#agent = new Thread({ kind: 'agent', profile, agent, tun: openAgent(this.#descriptors, agent) }, this.#onDeath);
      await Promise.all(this.#threads().map(({ ready }) => ready));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  #start(tunnel: HelperTunnel, profile: boolean): void {
    const fds = openEnd(this.#descriptors, tunnel);
    for (const role of rolesOf(tunnel)) {
      this.#ends.push({ name: tunnel.name, thread: new Thread({ kind: 'end', role, profile, tunnel, fds }, this.#onDeath) });
    }
  }

  async #keys({ tunnels, agent }: Extract<HelperRequest, { do: 'keys' }>): Promise<void> {
    if (this.#setup === null) throw new Refused('not-open', 'the helper is not open');
    for (const { tunnel } of tunnels) {
      if (!this.#ends.some(({ name }) => name === tunnel)) throw new Refused('no-tunnel', `there is no tunnel ${tunnel}`);
    }
    if (agent !== null && this.#agent === null) throw new Refused('no-tunnel', 'there is no agent');
    const asked: [Thread, Command][] = tunnels.flatMap((keys) =>
      this.#ends.filter(({ name }) => name === keys.tunnel).map(({ thread }): [Thread, Command] => [thread, { do: 'keys', tunnel: keys }]),
    );
    if (agent !== null && this.#agent !== null) asked.push([this.#agent, { do: 'agent-keys', agent }]);
    await Promise.all(asked.map(([thread, command]) => thread.ask(command)));
  }

  async #statistics(): Promise<HelperStatistics> {
    const sum = noStatistics(this.#setup?.tunnels.map(({ name }) => name) ?? []);
    for (const reply of await Promise.all(this.#threads().map((thread) => thread.ask({ do: 'statistics' })))) {
      if (reply.did === 'statistics') addShare(sum, reply.share);
    }
    return total(sum);
  }

  #threads(): Thread[] {
    return [...this.#ends.map(({ thread }) => thread), ...(this.#agent === null ? [] : [this.#agent])];
  }

  /** Threads have wiped their keys and are gone, descriptors are closed. Safe to call twice. */
  async stop(): Promise<void> {
    const threads = this.#threads();
    this.#ends = [];
    this.#agent = null;
    this.#setup = null;
    await Promise.all(threads.map((thread) => thread.stop()));
    this.#descriptors.close();
  }
}
