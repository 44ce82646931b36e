/**
 * Starting QEMU: everything in RAM, one virtio port for results, the console in a file. It ends with this process: the kernel
 * sends it SIGKILL when its parent dies, and the guest powers off when its port loses the host.
 */
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
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
  /** file that receives the console */
  console: string;
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

/** QEMU's arguments; `initrd` is the path QEMU opens. */
export function qemuArgv(machine: Machine, initrd: string | null): string[] {
  return [
    'qemu-system-x86_64',
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-machine', 'pc,usb=off,vmport=off'],
    ...acceleration(machine),
    ...['-m', String(machine.memory)],
    ...['-kernel', machine.kernel, ...(initrd === null ? [] : ['-initrd', initrd])],
    '-append',
    `console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on ${machine.append ?? ''}`.trim(),
    ...['-serial', `file:${machine.console}`],
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

/** One file of all archives, already unlinked: nothing stays behind whatever happens. */
function joinArchives(parts: (string | Buffer)[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-'));
  const path = join(folder, 'initrd');
  try {
    const first = parts[0];
    if (typeof first === 'string') copyFileSync(first, path);
    const fd = openSync(path, typeof first === 'string' ? 'a+' : 'w+', 0o600);
    for (const part of typeof first === 'string' ? parts.slice(1) : parts) {
      const bytes = typeof part === 'string' ? readFileSync(part) : part;
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    }
    return fd;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function startQemu(machine: Machine): Qemu {
  const fd = machine.initrd.length === 0 ? null : joinArchives(machine.initrd);
  const argv = ['setpriv', '--pdeathsig', 'KILL', '--', ...qemuArgv(machine, fd === null ? null : '/dev/fd/3')];
  const child = spawn(argv[0] as string, argv.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe', ...(fd === null ? [] : [fd])],
    env: { ...process.env, ROAMLAB_LAB: 'guest', ROAMLAB_OWNER: ownerMark() },
  }) as Qemu;
  if (fd !== null) closeSync(fd);
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
