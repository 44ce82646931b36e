import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { causeOfDeath } from '../../src/vm/guest.ts';
import { consoleTail, instructionShift, qemuArgv, type RealMachine, type VirtualMachine } from '../../src/vm/qemu.ts';

const common = { memory: 1536, kernel: '/k/vmlinuz', initrd: ['/k/root.cpio'], console: 9 };
const machine = (more: Partial<RealMachine>): RealMachine => ({ clock: 'real', accelerator: 'tcg', cpus: 2, ...common, ...more });
const virtual = (more: Partial<VirtualMachine>): VirtualMachine => ({
  ...{ clock: 'virtual', cpuRate: 1e9, ram: 10, keep: true, state: null, orders: 11 },
  ...common,
  ...more,
});
const given = (argv: string[], flag: string) => argv[argv.indexOf(flag) + 1];

describe('arguments', () => {
  test('KVM: the host’s CPU, all CPUs asked for', () => {
    const argv = qemuArgv(machine({ accelerator: 'kvm', cpus: 4 }));
    expect([given(argv, '-accel'), given(argv, '-cpu'), given(argv, '-smp')]).toEqual(['kvm', 'host', '4']);
    expect(argv).not.toContain('-icount');
  });

  test('emulation with the real clock: a thread per CPU', () => {
    const argv = qemuArgv(machine({}));
    expect([given(argv, '-accel'), given(argv, '-smp')]).toEqual(['tcg,thread=multi', '2']);
    expect(argv).not.toContain('-icount');
  });

  test('the virtual clock: instructions counted, idle time skipped, the same day every time, one CPU', () => {
    const argv = qemuArgv(virtual({}));
    expect([given(argv, '-icount'), given(argv, '-smp')]).toEqual(['shift=0,sleep=off,align=off,rr=record,rrfile=/dev/null', '1']);
    expect(given(argv, '-rtc')).toBe('base=2026-01-01,clock=vm');
    expect(given(argv, '-accel')).not.toContain('multi');
  });

  test('with the virtual clock no entropy of the host, no answer of another thread', () => {
    const text = qemuArgv(virtual({})).join(' ');
    expect(text).not.toMatch(/rng-random|virtio-rng|trust_cpu=on/);
    expect(text).toMatch(/-rdrand,-rdseed.* -seed 1 /);
    expect(text).toContain('virtio-serial-pci,ioeventfd=off');
    expect(text).toContain('nokaslr norandmaps');
  });

  test('a guest that goes on has a private copy of its memory and waits for its state; one that is to be stored writes to the file', () => {
    expect(given(qemuArgv(virtual({ keep: false, state: 12 })), '-object')).toMatch(/size=1536M,.*share=off$/);
    expect(qemuArgv(virtual({ keep: false, state: 12 })).join(' ')).toContain(' -incoming defer -S ');
    expect(given(qemuArgv(virtual({})), '-object')).toMatch(/share=on$/);
    expect(qemuArgv(virtual({}))).not.toContain('-incoming');
  });

  test.each([
    [1e9, 0],
    [500e6, 1],
    [62.5e6, 4],
  ])('%d instructions per second is a shift of %d', (rate, shift) => {
    expect(instructionShift(rate)).toBe(shift);
  });

  test.each([0, 2e9, 3e8, Number.NaN])('%d instructions per second is refused', (rate) => {
    expect(() => instructionShift(rate)).toThrow(RangeError);
  });

  test('no network, no disk, no display, no reboot; results over one port, the console in a file', () => {
    const argv = qemuArgv(machine({ append: 'loglevel=7' }));
    for (const flag of ['-nodefaults', '-no-user-config', '-no-reboot']) expect(argv).toContain(flag);
    expect(argv.join(' ')).not.toMatch(/-net|-drive|-hda|-nic/);
    expect([given(argv, '-kernel'), given(argv, '-initrd'), given(argv, '-m')]).toEqual(['/k/vmlinuz', '/dev/fd/3', '1536']);
    expect(given(argv, '-serial')).toBe('file:/dev/fd/4');
    expect(given(argv, '-append')).toMatch(/ panic=-1 .* loglevel=7$/);
    expect(argv).toContain('virtserialport,chardev=results,name=roamlab');
  });

  test('without archives there is no -initrd', () => {
    expect(qemuArgv(machine({ initrd: [] }))).not.toContain('-initrd');
  });
});

describe('the console', () => {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-console-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const tail = (text: string, lines?: number) => {
    writeFileSync(join(folder, 'log'), text, 'latin1');
    return consoleTail(join(folder, 'log'), lines);
  };

  test('its last lines, without what would move a terminal’s cursor, blank lines or carriage returns', () => {
    const esc = String.fromCharCode(27);
    expect(tail(`${esc}c${esc}[?7l${esc}[2J${esc}[0mSeaBIOS\r\n\r\n  \r\n[ 0.1] ${esc}[1;31mLinux\x07${esc}[0m version\xff\r\nlast`)).toBe(
      'SeaBIOS\n[ 0.1] Linux version\nlast',
    );
    expect(tail('a\nb\nc\nd\n', 2)).toBe('c\nd');
  });

  test('says so when there is none', () => {
    expect(tail('\n\n')).toBe('(no console output)');
    expect(consoleTail(join(folder, 'missing'))).toBe('(no console output)');
  });
});

test.each([
  ['Out of memory: Killed process 77 (node)\nKernel panic - not syncing: x', 'the guest ran out of memory'],
  ['node invoked oom-killer: gfp_mask=0x140cca', 'the guest ran out of memory'],
  ['Kernel panic - not syncing: VFS: Unable to mount root fs\nCPU: 0', 'the guest kernel panicked (VFS: Unable to mount root fs)'],
  ['all quiet', 'the guest ended before its job did (QEMU exit 1)'],
])('cause of death: %j', (console, cause) => {
  expect(causeOfDeath(console, 'QEMU exit 1')).toBe(cause);
});
