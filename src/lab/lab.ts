/**
 * A lab: nodes are network namespaces, links are veth pairs, and one keeper process owns the life of all of it.
 *
 * The keeper is PID 1 of a PID namespace and reads a pipe that this process holds. When this process ends, however it
 * ends, the pipe closes, the keeper exits, the kernel kills everything in its PID namespace and frees the mounts and
 * network namespaces that only those processes held. Namespaces are named in a mount namespace of the lab, so nothing
 * appears in the host's /run/netns. Every process carries ROAMLAB_LAB and ROAMLAB_OWNER in its environment.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CommandLog, type CommandOptions, type CommandResult, display, run, start } from '../host/command.ts';
import { inNetworkNamespace } from '../host/libc.ts';
import { ownerMark } from '../host/owner.ts';
import { waitFor } from '../host/wait.ts';
import { RoamlabError } from '../types/errors.ts';

const KEEPER = ['cat'];

/** PID of the first child of `pid`, in our PID namespace; null while there is none. */
export function firstChild(pid: number): number | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === '' ? null : Number(children.split(' ')[0]);
  } catch {
    return null;
  }
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.pid === undefined) return; // never started: no exit will come
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

export class Lab {
  readonly id: string;
  readonly #log: CommandLog | undefined;
  #keeper: ChildProcessWithoutNullStreams | null = null;
  #init = 0;
  readonly #rooms = new Map<string, { process: ChildProcessWithoutNullStreams; pid: number }>();

  constructor(id: string, log?: CommandLog) {
    this.id = id;
    this.#log = log;
  }

  get env(): Record<string, string> {
    return { ROAMLAB_LAB: this.id, ROAMLAB_OWNER: ownerMark() };
  }

  /** Starts the keeper. Needs CAP_SYS_ADMIN; throws E_LAB_OPEN (exit 3) when the kernel refuses. */
  async open(): Promise<void> {
    const keeper = start(['unshare', '--mount', '--pid', '--net', '--fork', '--kill-child', '--propagation', 'private', ...KEEPER], {
      log: this.#log,
      env: this.env,
    });
    this.#keeper = keeper;
    let stderr = '';
    keeper.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    let failed: Error | null = null;
    keeper.on('error', (error) => {
      failed = error;
    });
    this.#init = await waitFor('the lab keeper', () => {
      if (failed !== null || keeper.exitCode !== null) {
        throw new RoamlabError('E_LAB_OPEN', 3, `cannot create namespaces: ${stderr.trim() || failed?.message || 'unshare ended'}`, {
          hint: 'the netns backend needs root; `--backend vm` does not',
        });
      }
      const pid = keeper.pid === undefined ? null : firstChild(keeper.pid);
      return pid !== null && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === KEEPER[0] ? pid : null;
    });
    await run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'roamlab', '/run'], { prefix: this.#enter(this.#init), log: this.#log });
  }

  #enter(pid: number, node?: string): string[] {
    const net = node === undefined ? [] : [`--net=${this.netnsPath(node)}`];
    return ['nsenter', `--target=${pid}`, '--mount', ...(node === undefined ? ['--net'] : net)];
  }

  /** Where other threads of this process can open the node's network namespace. */
  netnsPath(node: string): string {
    return `/proc/${this.#init}/root/run/netns/${node}`;
  }

  /** Command prefix that runs a program as if on `node`; null = the lab's own namespace, where the nodes are named. */
  prefix(node: string | null): string[] {
    if (node === null) return this.#enter(this.#init);
    return this.#enter(this.#rooms.get(node)?.pid ?? this.#init, node);
  }

  exec(node: string | null, argv: readonly string[], options: Omit<CommandOptions, 'prefix' | 'log'> = {}): Promise<CommandResult> {
    return run(argv, { ...options, prefix: this.prefix(node), log: this.#log, env: { ...options.env, ...this.env } });
  }

  /**
   * Does `what` from this thread in the network namespace of `node`; no process is started. The log shows `argv` (and `input`), the
   * command that does the same. Throws E_COMMAND (exit 1) like that command would.
   */
  inside(node: string, { argv, input }: { argv: string[]; input?: string }, what: () => void): void {
    const shown = { argv: ['ip', 'netns', 'exec', node, ...argv], ...(input === undefined ? {} : { input }) };
    const started = performance.now();
    try {
      inNetworkNamespace(this.netnsPath(node), what);
      this.#log?.({ ...shown, exit: 0, ms: performance.now() - started, stderr: '' });
    } catch (error) {
      const stderr = error instanceof Error ? error.message : String(error);
      this.#log?.({ ...shown, exit: 1, ms: performance.now() - started, stderr });
      throw new RoamlabError('E_COMMAND', 1, `${display(shown.argv)}: ${stderr}${input === undefined ? '' : `\ninput:\n${input}`}`);
    }
  }

  /** Starts a daemon on `node`, inside the lab's PID namespace so that it dies with the lab. */
  start(node: string, argv: readonly string[], env: Record<string, string> = {}): LabProcess {
    const prefix = [...this.prefix(node), `--pid=/proc/${this.#init}/ns/pid`];
    return new LabProcess(start(argv, { prefix, log: this.#log, env: { ...env, ...this.env } }));
  }

  /** Gives `node` a /run of its own (charon's PID file and vici socket live there). */
  async privateRun(node: string): Promise<void> {
    const prefix = [...this.#enter(this.#init, node), `--pid=/proc/${this.#init}/ns/pid`];
    const keeper = start(['unshare', '--mount', '--propagation', 'private', ...KEEPER], { prefix, log: this.#log, env: this.env });
    const pid = await waitFor(`the mount namespace of ${node}`, () => {
      const child = keeper.pid === undefined ? null : firstChild(keeper.pid);
      return child !== null && readFileSync(`/proc/${child}/comm`, 'utf8').trim() === KEEPER[0] ? child : null;
    });
    this.#rooms.set(node, { process: keeper, pid });
    await run(['mount', '-t', 'tmpfs', '-o', 'mode=755', `run-${node}`, '/run'], { prefix: this.#enter(pid, node), log: this.#log });
  }

  /** A path on `node` as this process can open it. */
  path(node: string, inside: string): string {
    const room = this.#rooms.get(node);
    if (room === undefined) throw new Error(`${node} has no private /run`);
    return `/proc/${room.pid}/root${inside}`;
  }

  /** A file of /proc as a process on `node` sees it (its own network namespace). */
  procFile(node: string, name: string): string {
    const room = this.#rooms.get(node);
    if (room === undefined) throw new Error(`${node} has no process to look through`);
    return `/proc/${room.pid}/${name}`;
  }

  write(node: string, inside: string, content: string, mode: number): void {
    const path = this.path(node, inside);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode });
  }

  /** Ends the lab and waits until the kernel has let go of it. Safe to call twice. */
  async close(): Promise<void> {
    const keeper = this.#keeper;
    if (keeper === null) return;
    this.#keeper = null;
    keeper.stdin.end();
    for (const room of this.#rooms.values()) room.process.stdin.end();
    await ended(keeper);
    for (const room of this.#rooms.values()) await ended(room.process);
    this.#rooms.clear();
  }
}

/** A long-lived program in a lab: the nsenter we started and, below it, the program itself. */
export class LabProcess {
  readonly child: ChildProcessWithoutNullStreams;
  stderr = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.stderr.length < 65_536) this.stderr += chunk.toString();
    });
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Signals the program itself (nsenter would not pass it on). */
  signal(name: NodeJS.Signals): void {
    const pid = this.child.pid === undefined ? null : firstChild(this.child.pid);
    if (pid === null) return;
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  ended(): Promise<void> {
    return ended(this.child);
  }
}
