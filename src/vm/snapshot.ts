/**
 * Guests stored at one exact instant. Memory is a file that QEMU maps: storing is leaving it there, and going on is mapping it
 * privately, which takes a tenth of a second and costs only the pages that change. What devices hold is 0.4 MB beside it.
 *
 * Two stages: `booted` (per image and code: 20 s) and, from it, one per cell (10 s). Both are made by the virtual clock, so the same
 * inputs give the same stored guest anywhere, and they are cached under the hash of those inputs.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cached, contentHash } from '../host/cache.ts';
import { run } from '../host/command.ts';
import { hold } from '../host/hold.ts';
import { trimCache } from '../host/trim.ts';
import { waitFor } from '../host/wait.ts';
import { RoamlabError } from '../types/errors.ts';
import type { CellExperiment } from '../types/experiment.ts';
import { ensureRuntime, overlay, VIRTUAL_MAIN } from './bundle.ts';
import { charonArchive } from './charon-archive.ts';
import { rebaseInstructions } from './device-state.ts';
import { type Attention, Guest } from './guest.ts';
import { GUEST_MEMORY } from './guest-run.ts';
import type { Image } from './image.ts';
import { encodeOrders, type GuestMessage, type Orders } from './protocol.ts';
import { instructionShift, nameless, qemuArgv, STORED_STATE, type VirtualMachine } from './qemu.ts';

/** Bump when the way from inputs to a stored guest changes. */
const FORMAT = '2';

/** ms to copy a guest's memory, half a gigabyte: a disk that others write to may take long */
const COPY = 300_000;

export type Hello = Extract<GuestMessage, { type: 'hello' }>;

export interface Snapshot {
  /** hash of everything it was made from */
  key: string;
  folder: string;
  /** what the guest said of itself when it had booted */
  hello: Hello;
}

export interface VirtualOptions extends Pick<Attention, 'signal' | 'silence'> {
  image: Image;
  /** instructions per virtual second */
  cpuRate: number;
  /** tree of the patched strongSwan, for experiments that need it */
  patchedRoot?: string | undefined;
  /** TypeScript file the guest runs instead of its controller */
  main?: string;
}

const files = (folder: string) => ({ ram: join(folder, 'ram'), state: join(folder, 'state'), hello: join(folder, 'hello.json') });

/** Everything but the open files, which only say where things are. */
const base = (options: Ingredients): Omit<VirtualMachine, 'ram' | 'keep' | 'state' | 'orders' | 'console'> => ({
  clock: 'virtual',
  cpuRate: options.cpuRate,
  memory: GUEST_MEMORY,
  kernel: options.image.kernel,
  initrd: [],
});

function ordersFile(orders: Orders): number {
  const file = nameless();
  writeSync(file, encodeOrders(orders), 0, undefined, 0);
  return file;
}

let version: Promise<string> | undefined;

/** `QEMU emulator version 7.2.22 (Debian ...)`: another one is another machine. */
export function qemuVersion(): Promise<string> {
  version ??= run(['qemu-system-x86_64', '--version']).then(({ stdout }) => stdout.split('\n')[0] ?? '');
  return version;
}

interface Making {
  options: VirtualOptions;
  /** null = boot */
  from: Snapshot | null;
  initrd: (string | Buffer)[];
  orders: Orders;
  onMessage: (message: GuestMessage) => void;
}

/** Starts a guest whose memory is `draft`'s file, waits until its watchdog stops it, and stores what is not memory. */
async function makeSnapshot(draft: string, making: Making): Promise<void> {
  const { options, from, onMessage } = making;
  const { ram: ramPath, state } = files(draft);
  if (from !== null) await run(['cp', '--sparse=always', files(from.folder).ram, ramPath], { timeout: COPY });
  const opened = [openSync(ramPath, from === null ? 'w+' : 'r+'), ordersFile(making.orders)];
  if (from === null) ftruncateSync(opened[0] as number, GUEST_MEMORY * 2 ** 20);
  if (from !== null) opened.push(openSync(files(from.folder).state, 'r'));
  const [ram = -1, orders = -1, before = null] = opened;
  const machine = { ...base(options), initrd: making.initrd, ram, keep: true, state: before, orders };
  const { signal, silence } = options;
  const guest = new Guest(machine, { signal, silence, booted: from !== null, onMessage });
  try {
    if (from !== null) await goOn(guest);
    const how = await guest.outcome;
    if (how !== 'stopped') throw new RoamlabError('E_GUEST', 1, 'the guest ended instead of stopping');
    await store(guest, state, options.cpuRate);
  } finally {
    await guest.end();
    for (const file of opened) closeSync(file);
  }
  await run(['fallocate', '--dig-holes', ramPath]);
}

/**
 * What devices hold, without the memory, which is in its file already. It is a migration without memory; a real one has a thread that
 * reads the host's clock, which record mode does not allow.
 */
async function store(guest: Guest, file: string, cpuRate: number): Promise<void> {
  await guest.ask('xen-save-devices-state', { filename: file });
  const devices = readFileSync(file);
  try {
    rebaseInstructions(devices, instructionShift(cpuRate));
  } catch (cause) {
    const message = `${await qemuVersion()} stores devices in a way that is not known here: ${(cause as Error).message}`;
    throw new RoamlabError('E_QEMU', 1, message, { cause });
  }
  writeFileSync(file, devices);
}

async function goOn(guest: Guest): Promise<void> {
  await guest.ask('migrate-incoming', { uri: STORED_STATE });
  await waitFor('QEMU to restore its devices', async () => {
    const { status } = ((await guest.ask('query-migrate')) ?? {}) as { status?: string };
    if (status === 'failed') throw new RoamlabError('E_QEMU', 1, 'QEMU cannot restore the guest');
    return status === 'completed';
  });
  await guest.ask('cont');
}

function found(key: string, folder: string): Snapshot {
  return { key, folder, hello: JSON.parse(readFileSync(files(folder).hello, 'utf8')) as Hello };
}

type Ingredients = Pick<VirtualOptions, 'image' | 'cpuRate' | 'main' | 'patchedRoot'>;

async function ingredients(options: Ingredients): Promise<{ key: string; archives: (string | Buffer)[] }> {
  const runtime = await ensureRuntime();
  const code = await overlay(null, options.main ?? VIRTUAL_MAIN);
  const charon = options.patchedRoot === undefined ? [] : [await charonArchive(options.patchedRoot)];
  const nowhere = { ...base(options), kernel: '', ram: 0, keep: true, state: null, orders: 0, console: 0 };
  const parts = [FORMAT, options.image.content, basename(dirname(runtime)), code, await qemuVersion(), qemuArgv(nowhere).join(' ')];
  return { key: contentHash(...parts, ...charon), archives: [options.image.initrd, runtime, code, ...charon] };
}

/** Hash of everything that makes a guest what it is before it is told what to do. */
export const guestKey = async (options: Ingredients): Promise<string> => (await ingredients(options)).key;

/** A guest that has booted and loaded roamlab's code. Throws E_GUEST*, E_QEMU (exit 1), or what the guest says. */
async function bootedSnapshot(options: VirtualOptions): Promise<Snapshot> {
  const { key, archives } = await ingredients(options);
  const folder = await cached(`booted-${key}`, async (draft) => {
    const onMessage = (message: GuestMessage) => {
      if (message.type === 'hello') writeFileSync(files(draft).hello, JSON.stringify(message));
    };
    await makeSnapshot(draft, { options, from: null, initrd: archives, orders: { do: 'nothing' }, onMessage });
  });
  return found(key, folder);
}

/** A guest in which the lab of `cell` is up. Throws E_GUEST*, E_QEMU (exit 1), or what the guest says (the kernel refused a step, say). */
export async function cellSnapshot(
  cell: CellExperiment,
  options: VirtualOptions,
  onMessage: (message: GuestMessage) => void = () => {},
): Promise<Snapshot> {
  const from = await bootedSnapshot(options);
  const key = contentHash(from.key, JSON.stringify(cell));
  const folder = await cached(`cell-${key}`, async (draft) => {
    writeFileSync(files(draft).hello, JSON.stringify(from.hello));
    await makeSnapshot(draft, { options, from, initrd: [], orders: { do: 'prepare', cell }, onMessage });
    trimCache();
  });
  return found(key, folder);
}

/** One guest that goes on from `snapshot` with `orders` until its last word. Throws E_GUEST* (exit 1), or the guest's own error. */
export async function runFrom(snapshot: Snapshot, orders: Orders, options: VirtualOptions & Pick<Attention, 'onMessage'>): Promise<void> {
  const { signal, silence, onMessage } = options;
  signal.throwIfAborted();
  const { ram, state } = files(snapshot.folder);
  utimesSync(snapshot.folder, new Date(), new Date()); // gc goes by last use
  const release = hold(snapshot.folder);
  const opened = [openSync(ram, 'r+'), openSync(state, 'r'), ordersFile(orders)] as const;
  const machine = { ...base(options), ram: opened[0], keep: false, state: opened[1], orders: opened[2] };
  const guest = new Guest(machine, { signal, silence, booted: true, onMessage });
  try {
    await goOn(guest);
    await guest.outcome;
  } finally {
    await guest.end();
    for (const file of opened) closeSync(file);
    release();
  }
}
