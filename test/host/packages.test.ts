import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { howToGet, installLine, missingPrograms, PROGRAMS, packagesFor, programPath, requirePrograms } from '../../src/host/packages.ts';
import { searchFolders } from '../../src/host/path.ts';

afterEach(() => vi.unstubAllEnvs());

describe('install line', () => {
  test('names each package once, sorted, also where one program needs two', () => {
    expect(installLine(['tc', 'ip', 'charon'])).toBe(
      'apt-get install --no-install-recommends iproute2 libstrongswan-standard-plugins strongswan-charon',
    );
  });

  test('covers every program a backend starts', () => {
    expect(packagesFor(PROGRAMS.vm)).toEqual(['mmdebstrap', 'qemu-system-x86', 'util-linux', 'xz-utils']);
    expect(packagesFor(PROGRAMS.netns)).toContain('strongswan-charon');
  });
});

describe('what is missing', () => {
  test('with apt: the line; without: the programs', () => {
    expect(howToGet(['tc', 'xz'], true)).toBe(
      'as root: apt-get install --no-install-recommends iproute2 xz-utils  (or let `npx roamlab setup` do it)',
    );
    expect(howToGet(['tc', 'xz'], false)).toBe("install these programs with your distribution's package manager: tc, xz");
  });

  test('is an error with exit 3 that says what for', () => {
    expect(() => requirePrograms(['sh', 'no-such-a', 'no-such-b'], 'the vm backend')).toThrow(
      expect.objectContaining({ code: 'E_TOOLS_MISSING', exit: 3, message: 'the vm backend needs no-such-a, no-such-b' }),
    );
    expect(() => requirePrograms(['sh'], 'a test')).not.toThrow();
  });
});

describe('where programs are looked for', () => {
  test('PATH first, then the system folders, even when PATH is empty; the working folder never', () => {
    expect(searchFolders('/opt/bin::/usr/bin')).toEqual(['/opt/bin', '/usr/bin', '/usr/sbin', '/sbin', '/bin']);
    vi.stubEnv('PATH', '');
    expect(programPath('sh')).toMatch(/^\/(usr\/)?bin\/sh$/);
    expect(programPath('package.json')).toBeNull();
    expect(missingPrograms(['sh', 'no-such'])).toEqual(['no-such']);
  });

  test('a file that may not be executed is no program', () => {
    const folder = mkdtempSync(join(tmpdir(), 'roamlab-path-'));
    writeFileSync(join(folder, 'roamlab-test-tool'), '');
    vi.stubEnv('PATH', folder);
    expect(programPath('roamlab-test-tool')).toBeNull();
    chmodSync(join(folder, 'roamlab-test-tool'), 0o755);
    expect(programPath('roamlab-test-tool')).toBe(join(folder, 'roamlab-test-tool'));
    rmSync(folder, { recursive: true });
  });
});
