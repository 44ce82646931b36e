/** Events that are commands to charon: what a network manager would do before the old link is gone. */
import { nanosecondsSince } from '../host/libc.ts';
import { waitFor } from '../host/wait.ts';
import { listPaths, type MobikePath } from '../ipsec/paths.ts';
import type { Vici } from '../ipsec/vici.ts';
import { canonicalAddress } from '../mobility/netlink.ts';
import { RoamlabError } from '../types/errors.ts';
import type { MobikeCommand, SoftHandover } from '../types/experiment.ts';
import { withVici } from './charon.ts';
import { until } from './clock.ts';
import type { RunContext } from './context.ts';
import type { Handler } from './handler.ts';

type Control = SoftHandover | MobikeCommand;

/** A path over a link of seconds must still fit; charon itself gives up after minutes. */
const TIMEOUT = 30_000; // ms
const POLL = 20; // ms

/** What was commanded and seen, on the captures' clock, beside the kernel's own notifications. */
class Commander {
  readonly #context: RunContext;
  readonly #event: Control;
  readonly #vici: Vici;
  readonly #signal: AbortSignal;

  constructor(context: RunContext, event: Control, vici: Vici, signal: AbortSignal) {
    this.#context = context;
    this.#event = event;
    this.#vici = vici;
    this.#signal = signal;
  }

  note(what: string): void {
    this.#context.controls.push({ t: nanosecondsSince(this.#context.epoch), node: this.#event.node, what });
  }

  /** The path that starts from the event's address. */
  async find(): Promise<{ path: MobikePath | undefined; busy: boolean }> {
    const { paths, busy } = await listPaths(this.#vici, this.#event.connection);
    return { path: paths.find(({ local }) => canonicalAddress(local) === canonicalAddress(this.#event.local)), busy };
  }

  async required(): Promise<MobikePath> {
    const { path } = await this.find();
    if (path !== undefined) return path;
    throw new RoamlabError('E_MOBIKE', 1, `${this.#event.connection} has no path from ${this.#event.local}`);
  }

  async command(action: MobikeCommand['action'], args: Record<string, string>, label: string): Promise<void> {
    this.note(`mobike ${action} ${label}`);
    await this.#vici.request('mobike', { action, ike: this.#event.connection, ...args });
  }

  /** Waits until the path is as wanted; throws E_MOBIKE when it is gone, because charon or the peer refused it. */
  async until(what: string, wanted: (path: MobikePath) => boolean): Promise<void> {
    const check = async () => {
      const { path, busy } = await this.find();
      if (path === undefined && busy) return false; // charon makes the path when its queue of exchanges gets to it
      if (path === undefined) {
        throw new RoamlabError(
          'E_MOBIKE',
          1,
          `${this.#event.connection}: the path from ${this.#event.local} is gone before it was ${what}`,
          {
            hint: 'charon’s logs in the run folder say who refused it',
          },
        );
      }
      return wanted(path);
    };
    await waitFor(`the path from ${this.#event.local} to be ${what}`, check, { signal: this.#signal, interval: POLL, timeout: TIMEOUT });
    this.note(`path from ${this.#event.local} ${what}`);
  }
}

async function add(commander: Commander, local: string): Promise<void> {
  await commander.command('add', { local }, local);
  await commander.until('ready', (path) => path.ready);
}

async function softHandover(commander: Commander, event: SoftHandover): Promise<void> {
  const { path } = await commander.find();
  if (path === undefined) await add(commander, event.local);
  else if (path.state !== 'active') await commander.until('ready', ({ ready }) => ready);
  const { id } = await commander.required();
  const drain = event.drain === null ? {} : { drain: String(event.drain) };
  await commander.command('update', { path: String(id), ...drain }, event.local);
  await commander.until('active', (path) => path.state === 'active');
}

async function single(commander: Commander, event: MobikeCommand): Promise<void> {
  if (event.action === 'add') return add(commander, event.local);
  const before = await commander.required();
  await commander.command(event.action, { path: String(before.id) }, event.local);
  if (event.action === 'update') await commander.until('active', (path) => path.state === 'active');
}

export const runControl: Handler<'control'> = async (context, step, signal) => {
  const { event, index } = step;
  const requested = context.flowsStart + event.at * 1e9;
  await until(context, requested, signal);
  const common = { index, kind: event.kind, node: event.node, requested };
  context.events.push({ ...common, issued: nanosecondsSince(context.epoch), confirmed: null, notifications: [] });
  await withVici(context, event.node, async (vici) => {
    const commander = new Commander(context, event, vici, signal);
    await (event.kind === 'mobike' ? single(commander, event) : softHandover(commander, event));
  });
};
