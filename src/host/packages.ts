/** Which program comes from which Debian package, and installing what is missing. */
import { RoamlabError } from '../types/errors.ts';
import { run } from './command.ts';
import { executable, findProgram } from './path.ts';

const PACKAGES: Record<string, string> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  mmdebstrap: 'mmdebstrap',
  xz: 'xz-utils',
  newuidmap: 'uidmap',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  tc: 'iproute2',
  ethtool: 'ethtool',
  tcpdump: 'tcpdump',
  sysctl: 'procps',
  iperf3: 'iperf3',
  wg: 'wireguard-tools',
  charon: 'strongswan-charon libstrongswan-standard-plugins',
};

/** What each backend starts on this machine. */
export const PROGRAMS = {
  vm: ['qemu-system-x86_64', 'mmdebstrap', 'xz', 'setpriv'],
  netns: ['unshare', 'nsenter', 'mount', 'ip', 'tc', 'ethtool', 'tcpdump', 'sysctl', 'iperf3', 'wg', 'charon'],
} as const;

/** What building the guest image starts: without root, mmdebstrap works in a user namespace. */
export const imagePrograms = (): string[] => ['mmdebstrap', 'xz', ...(process.getuid?.() === 0 ? [] : ['newuidmap'])];

const CHARON = ['/usr/lib/ipsec/charon', '/usr/libexec/ipsec/charon', '/usr/libexec/strongswan/charon'];

/** Path of a program, sbin folders included even when PATH lacks them; null = not installed. */
export function programPath(name: string): string | null {
  return name === 'charon' ? (CHARON.find(executable) ?? null) : findProgram(name);
}

export const missingPrograms = (names: readonly string[]): string[] => names.filter((name) => programPath(name) === null);

export function packagesFor(programs: readonly string[]): string[] {
  return [...new Set(programs.flatMap((p) => (PACKAGES[p] ?? p).split(' ')))].sort();
}

/** The line a user types to get `programs`. */
export function installLine(programs: readonly string[]): string {
  return `apt-get install --no-install-recommends ${packagesFor(programs).join(' ')}`;
}

/** What to do about missing programs, on a machine with or without apt. */
export function howToGet(missing: readonly string[], apt: boolean, root = process.getuid?.() === 0): string {
  if (!apt) return `install these programs with your distribution's package manager: ${missing.join(', ')}`;
  return `as root: ${installLine(missing)}${root ? '  (or let `npx roamlab setup` do it)' : ''}`;
}

/** Throws E_TOOLS_MISSING (exit 3) naming every missing program and how to get it. */
export function requirePrograms(names: readonly string[], purpose: string): void {
  const missing = missingPrograms(names);
  if (missing.length === 0) return;
  const hint = howToGet(missing, programPath('apt-get') !== null);
  throw new RoamlabError('E_TOOLS_MISSING', 3, `${purpose} needs ${missing.join(', ')}`, { hint });
}

/**
 * Installs what is missing with apt. Throws E_TOOLS_MISSING (exit 3) with the exact line when this user or system cannot.
 * Returns the packages installed.
 */
export async function installPrograms(names: readonly string[], say: (line: string) => void): Promise<string[]> {
  const missing = missingPrograms(names);
  if (missing.length === 0) return [];
  if (process.getuid?.() !== 0 || programPath('apt-get') === null) requirePrograms(names, 'this machine');
  const packages = packagesFor(missing);
  await aptInstall(packages, say);
  requirePrograms(names, 'this machine');
  return packages;
}

async function aptInstall(packages: readonly string[], say: (line: string) => void): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  say(`installing Debian packages: ${packages.join(' ')}`);
  await run(['apt-get', 'update', '-q'], { timeout: 300_000, env });
  await run(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages], { timeout: 900_000, env });
}

/** Installs the Debian packages that are missing; nothing where this user or system has no apt. Returns those installed. */
export async function installPackages(names: readonly string[], say: (line: string) => void): Promise<string[]> {
  if (process.getuid?.() !== 0 || programPath('dpkg-query') === null || programPath('apt-get') === null) return [];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own notation
  const { stdout } = await run(['dpkg-query', '--show', '--showformat', '${Package} ${db:Status-Status}\\n', ...names], { allow: [0, 1] });
  const missing = names.filter((name) => !stdout.split('\n').includes(`${name} installed`));
  if (missing.length > 0) await aptInstall(missing, say);
  return missing;
}
