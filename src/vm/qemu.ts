/**
 * Starting QEMU: everything in RAM, one virtio port for results, the console in a file. It ends with this process: the kernel
 * sends it SIGKILL when its parent dies.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { ownerMark } from '../host/owner.ts';
import { NOTES_PORT } from './protocol.ts';

interface Common {
  /** MiB */
  memory: number;
  kernel: string;
  /** archives, laid over each other in this order */
  initrd: (string | Buffer)[];
  /** open file that receives the console, see `nameless` */
  console: number;
  append?: string;
}

/** A guest whose clock is the host's. */
export interface RealMachine extends Common {
  clock: 'real';
  accelerator: 'kvm' | 'tcg';
  cpus: number;
}

/**
 * A guest whose clock counts instructions: emulated, one CPU. Nothing that reaches it may depend on the host: no entropy but what
 * it is given, and nothing answers it later than in the instruction that asked. It can be stopped at an instruction and stored.
 */
export interface VirtualMachine extends Common {
  clock: 'virtual';
  /** instructions per virtual second: 1e9, 500e6, 250e6... */
  cpuRate: number;
  /** open file of `memory` MiB that is the guest's memory */
  ram: number;
  /** what the guest writes to its memory is written to the file; else it gets a private copy, page by page as it needs them */
  keep: boolean;
  /** open file with the state of the devices, to go on from; null = boot */
  state: number | null;
  /** open file with what the guest is told, see `ordersFile` */
  orders: number;
}

export type Machine = RealMachine | VirtualMachine;

/** The files a guest gets are open and nameless here; QEMU finds them among its own descriptors. */
const FD = { initrd: 3, console: 4, control: 5, notes: 6, ram: 7, orders: 8, state: 9 } as const;
const descriptor = (fd: number): string => `/dev/fd/${fd}`;

/** icount's shift: log2 of the virtual nanoseconds one instruction takes. Throws RangeError for a rate that is none. */
export function instructionShift(cpuRate: number): number {
  const shift = Math.log2(1e9 / cpuRate);
  if (!Number.isInteger(shift) || shift < 0 || shift > 10) throw new RangeError(`no CPU of ${cpuRate} instructions per second`);
  return shift;
}

/** What makes a guest repeatable; each line removes one way in which the host could be felt. */
function virtualArgv(machine: VirtualMachine): string[] {
  const shared = machine.keep ? 'on' : 'off';
  return [
    // time is the number of instructions, idle time is skipped, and the calendar starts at the same day. Record mode is for its lock:
    // the main loop never sees a CPU that halts with instructions not accounted for yet; nobody wants the record
    ...['-accel', 'tcg', '-icount', `shift=${instructionShift(machine.cpuRate)},sleep=off,align=off,rr=record,rrfile=/dev/null`],
    ...['-rtc', 'base=2026-01-01,clock=vm', '-smp', '1'],
    // no instruction that yields the host's entropy. `rep movsb` counts every octet as an instruction: the kernel shall copy in words
    ...['-cpu', 'max,-rdrand,-rdseed,-erms', '-seed', '1'],
    // memory is a file: it is stored by being there, and each guest that goes on from it reads what it needs of it
    ...['-object', `memory-backend-file,id=ram,size=${machine.memory}M,mem-path=${descriptor(FD.ram)},share=${shared}`],
    // a port whose every octet is written in the instruction that says so: the guest's word while it measures
    ...['-chardev', `socket,id=notes,fd=${FD.notes}`, '-device', `isa-debugcon,iobase=${NOTES_PORT},chardev=notes`],
    // the guest stops when the watchdog bites while it sleeps: in QEMU's main loop, before anything else. A guest that stopped itself
    // would be an idle one for a moment, and the main loop might skip its idle time
    ...['-device', 'ib700', '-action', 'watchdog=pause'],
    ...['-chardev', `socket,id=control,fd=${FD.control}`, '-mon', 'chardev=control,mode=control'],
    ...['-fw_cfg', `name=opt/roamlab/orders,file=${descriptor(FD.orders)}`],
    // the state of the devices is stored without a description of the machine: it is this one. A guest that goes on waits until it is told
    ...['-global', 'migration.send-configuration=off', ...(machine.state === null ? [] : ['-incoming', 'defer', '-S'])],
  ];
}

/** Where QEMU finds the stored state of the devices. */
export const STORED_STATE = `fd:${FD.state}`;

function realArgv(machine: RealMachine): string[] {
  const entropy = ['-object', 'rng-random,id=rng0,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng0'];
  if (machine.accelerator === 'kvm') return ['-accel', 'kvm', '-cpu', 'host', '-smp', String(machine.cpus), ...entropy];
  return ['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', String(machine.cpus), ...entropy];
}

/**
 * Without ioeventfd the port answers in the instruction that asks, and not when another thread of QEMU gets to it; so would a disk
 * controller when the BIOS resets it, and there is none.
 */
const DIFFERENCES = {
  real: { machine: 'pc', port: '', append: 'random.trust_cpu=on' },
  virtual: {
    machine: 'q35,sata=off,memory-backend=ram,suppress-vmdesc=on',
    port: ',ioeventfd=off',
    append: 'random.trust_cpu=off nokaslr norandmaps',
  },
} as const;

/** QEMU's arguments. */
export function qemuArgv(machine: Machine): string[] {
  const differs = DIFFERENCES[machine.clock];
  return [
    'qemu-system-x86_64',
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ...['-machine', `${differs.machine},usb=off,vmport=off`],
    ...(machine.clock === 'virtual' ? virtualArgv(machine) : realArgv(machine)),
    ...['-m', String(machine.memory)],
    ...['-kernel', machine.kernel, ...(machine.initrd.length === 0 ? [] : ['-initrd', descriptor(FD.initrd)])],
    '-append',
    `console=ttyS0 quiet panic=-1 mitigations=off ${differs.append} ${machine.append ?? ''}`.trim(),
    ...['-serial', `file:${descriptor(FD.console)}`],
    ...['-device', `virtio-serial-pci${differs.port}`],
    ...['-chardev', 'stdio,id=results,signal=off', '-device', 'virtserialport,chardev=results,name=roamlab'],
  ];
}

/** A running QEMU. `control` (QMP) and `notes` are there with the virtual clock. */
export interface Qemu {
  child: ChildProcess;
  results: Readable;
  stdin: Writable;
  stderr: Readable;
  control: Duplex | null;
  notes: Duplex | null;
}

/** An open file without a name: it ends with the last process that has it open, whatever happens. */
export function nameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-'));
  try {
    return openSync(join(folder, 'file'), 'w+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where this process can read a file that only it has open. */
export const pathOf = (fd: number): string => `/proc/self/fd/${fd}`;

function joinArchives(parts: (string | Buffer)[]): number {
  const fd = nameless();
  for (const part of parts) {
    const bytes = typeof part === 'string' ? readFileSync(part) : part;
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  }
  return fd;
}

export function startQemu(machine: Machine): Qemu {
  const initrd = machine.initrd.length === 0 ? null : joinArchives(machine.initrd);
  const argv = ['setpriv', '--pdeathsig', 'KILL', '--', ...qemuArgv(machine)];
  const more = machine.clock === 'virtual' ? (['pipe', 'pipe', machine.ram, machine.orders, machine.state ?? 'ignore'] as const) : [];
  const child = spawn(argv[0] as string, argv.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe', initrd ?? 'ignore', machine.console, ...more],
    env: { ...process.env, ROAMLAB_LAB: 'guest', ROAMLAB_OWNER: ownerMark() },
  });
  if (initrd !== null) closeSync(initrd);
  const at = (fd: number) => (child.stdio as unknown[])[fd];
  return {
    child,
    stdin: child.stdin as Writable,
    results: child.stdout as Readable,
    stderr: child.stderr as Readable,
    control: machine.clock === 'virtual' ? (at(FD.control) as Duplex) : null,
    notes: machine.clock === 'virtual' ? (at(FD.notes) as Duplex) : null,
  };
}

/** Last lines of the console, without terminal escapes. */
export function consoleTail(path: string, lines = 15): string {
  let text = '';
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return '(no console output)';
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is removed
  const clean = text.replace(/\u001b\[[0-9;?]*[a-zA-Z]|\u001bc|[^\x20-\x7e\n]/g, '');
  const kept = clean.split('\n').filter((line) => line.trim() !== '');
  return kept.slice(-lines).join('\n') || '(no console output)';
}
