import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { causeOfDeath } from '../../src/vm/guest-run.ts';
import { consoleTail, type Machine, qemuArgv } from '../../src/vm/qemu.ts';

const machine = (more: Partial<Machine>): Machine => ({
  ...{ accelerator: 'tcg', clock: 'real', cpus: 2, memory: 1536, kernel: '/k/vmlinuz', initrd: ['/k/root.cpio'], console: 9 },
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

  test('the virtual clock: instructions counted, idle time skipped, time from the guest, one CPU whatever was asked', () => {
    const argv = qemuArgv(machine({ clock: 'virtual', cpus: 8 }));
    expect([given(argv, '-icount'), given(argv, '-smp')]).toEqual(['shift=0,sleep=off,align=off', '1']);
    expect(given(argv, '-rtc')).toContain('clock=vm');
    expect(given(argv, '-accel')).not.toContain('multi');
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
