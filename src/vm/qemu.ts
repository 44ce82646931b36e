/**
 * Starting QEMU: everything in RAM, one virtio port for results, the console in a file. It ends with this process: the kernel
 * sends it SIGKILL when its parent dies, and the guest powers off when its port loses the host.
 */
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { ownerMark } from '../host/owner.ts';

export interface Machine {
  accelerator: 'kvm' | 'tcg';
  /** virtual only with tcg */
  clock: 'real' | 'virtual';
  cpus: number;
  /** MiB */
  memory: number;
  kernel: string;
  /** archives, laid over each other in this order */
  initrd: (string | Buffer)[];
  /** open file that receives the console, see `nameless` */
  console: number;
  append?: string;
}

/**
 * The virtual clock counts instructions: one virtual nanosecond each (a processor of one instruction per ns), and idle time
 * is skipped, so that what the host does meanwhile changes nothing in the guest. It needs emulation and one CPU.
 */
function acceleration(machine: Machine): string[] {
  if (machine.accelerator === 'kvm') return ['-accel', 'kvm', '-cpu', 'host', '-smp', String(machine.cpus)];
  if (machine.clock === 'real') return ['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', String(machine.cpus)];
  return ['-accel', 'tcg', '-icount', 'shift=0,sleep=off,align=off', '-rtc', 'base=utc,clock=vm', '-cpu', 'max', '-smp', '1'];
}

/** The files a guest gets are open and nameless here; QEMU finds them among its own descriptors. */
const INITRD = '/dev/fd/3';
const CONSOLE = '/dev/fd/4';

/** QEMU's arguments. */
export function qemuArgv(machine: Machine): string[] {
  return [
    'qemu-system-x86_64',
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-machine', 'pc,usb=off,vmport=off'],
    ...acceleration(machine),
    ...['-m', String(machine.memory)],
    ...['-kernel', machine.kernel, ...(machine.initrd.length === 0 ? [] : ['-initrd', INITRD])],
    '-append',
    `console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on ${machine.append ?? ''}`.trim(),
    ...['-serial', `file:${CONSOLE}`],
    ...[
      '-device',
      'virtio-serial-pci',
      '-chardev',
      'stdio,id=results,signal=off',
      '-device',
      'virtserialport,chardev=results,name=roamlab',
    ],
    ...['-object', 'rng-random,id=rng0,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng0'],
  ];
}

export type Qemu = ChildProcessByStdio<Writable, Readable, Readable>;

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
  const child = spawn(argv[0] as string, argv.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe', initrd ?? 'ignore', machine.console],
    env: { ...process.env, ROAMLAB_LAB: 'guest', ROAMLAB_OWNER: ownerMark() },
  }) as Qemu;
  if (initrd !== null) closeSync(initrd);
  return child;
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
