/** Which backend runs an experiment, decided per feature it needs, with the reason in one line. */
import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { missingPrograms, PROGRAMS, requirePrograms } from '../host/packages.ts';
import { toolVersions } from '../host/versions.ts';
import { probeFeatures } from '../probes/features.ts';
import { ensureStrongswan, type StrongswanTree } from '../strongswan/build.ts';
import { RoamlabError } from '../types/errors.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { Provenance } from '../types/run.ts';
import { type Acceleration, chooseAccelerator } from '../vm/accelerator.ts';
import { ensureImage, type Image } from '../vm/image.ts';
import { guestKey, qemuVersion } from '../vm/snapshot.ts';

export type ClockChoice = 'auto' | 'real' | 'virtual';

interface Common {
  /** the patched strongSwan, when the experiment needs it */
  patched: StrongswanTree | null;
}

export interface NetnsBackend extends Common {
  kind: 'netns';
  why: string;
  clock: 'real';
}

/** A guest with the real clock. */
export interface VmBackend extends Common {
  kind: 'vm';
  why: string;
  clock: 'real';
  image: Image;
  acceleration: Acceleration;
}

/** Guests with the virtual clock. */
export interface VirtualBackend extends Omit<VmBackend, 'clock'> {
  clock: 'virtual';
  /** instructions per virtual second */
  cpuRate: number;
}

export type Backend = NetnsBackend | VmBackend | VirtualBackend;

/** null: this host's own kernel can do it; else the first reason why not. */
async function netnsObstacle(features: readonly string[]): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'not root';
  const missing = missingPrograms(PROGRAMS.netns.filter((name) => name !== 'wg' || features.includes('wireguard')));
  if (missing.length > 0) return `this host lacks ${missing.join(', ')}`;
  const results = await probeFeatures(features);
  const failed = results.find((r) => !r.ok);
  return failed === undefined ? null : `this kernel has no ${failed.name} (${failed.symbol})`;
}

export interface Wanted {
  backend: 'auto' | 'netns' | 'vm';
  clock: ClockChoice;
  /** instructions per virtual second */
  cpuRate: number;
  features: readonly string[];
  /** some node runs the patched strongSwan */
  patched: boolean;
}

/** Some node of `cells` runs the patched strongSwan. */
export const needsPatched = (cells: readonly CellExperiment[]): boolean =>
  cells.some((cell) => cell.nodes.some((node) => node.charon?.build === 'patched'));

const netnsImpossible = (obstacle: string): RoamlabError =>
  new RoamlabError('E_BACKEND', 3, `the netns backend cannot run this experiment here: ${obstacle}`, {
    hint: '`--backend vm` runs it in a guest; `npx roamlab doctor` lists what this machine lacks',
  });

/**
 * Throws E_BACKEND (exit 3; 2 when nothing could) when the asked backend cannot do it; builds the guest image when the vm backend is
 * chosen, and strongSwan when it must be patched.
 */
export async function chooseBackend(wanted: Wanted, say: (line: string) => void): Promise<Backend> {
  const { backend: asked, clock, cpuRate, features } = wanted;
  if (asked === 'netns' && clock === 'virtual') {
    throw new RoamlabError('E_BACKEND', 2, 'the netns backend has no virtual clock', { hint: 'use --backend vm, or --clock real' });
  }
  const onHost = asked !== 'vm' && clock !== 'virtual';
  const obstacle = onHost ? await netnsObstacle(features) : asked === 'vm' ? 'asked for' : 'the virtual clock needs a guest';
  if (asked === 'netns' && obstacle !== null) throw netnsImpossible(obstacle);
  const patched = wanted.patched ? await ensureStrongswan(say) : null;
  if (obstacle === null)
    return { kind: 'netns', clock: 'real', patched, why: 'root, and this kernel proved every feature the experiment needs' };
  requirePrograms(PROGRAMS.vm.slice(0, 1).concat('setpriv'), 'the vm backend');
  const image = await ensureImage(say);
  if (clock === 'virtual') {
    const acceleration: Acceleration = { accelerator: 'tcg', why: 'the virtual clock counts emulated instructions' };
    return { kind: 'vm', why: obstacle, clock, image, acceleration, cpuRate, patched };
  }
  const acceleration = await chooseAccelerator(image.kernel);
  const common = { kind: 'vm' as const, why: obstacle, image, acceleration, patched };
  const virtual = clock === 'auto' && acceleration.accelerator === 'tcg';
  return virtual ? { ...common, clock: 'virtual', cpuRate } : { ...common, clock: 'real' };
}

/** Version and commit of this roamlab. */
export function ownVersion(): string {
  const root = join(import.meta.dirname, '../..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return `${version}${commit(root)}`;
}

function commit(root: string): string {
  try {
    const head = readFileSync(join(root, '.git/HEAD'), 'utf8').trim();
    const hash = head.startsWith('ref: ') ? readRef(root, head.slice(5)) : head;
    return `+${hash.slice(0, 12)}`;
  } catch {
    return '';
  }
}

function readRef(root: string, ref: string): string {
  const parts = ref.split('/');
  const folder = join(root, '.git', ...parts.slice(0, -1));
  if (readdirSync(folder).includes(parts.at(-1) ?? '')) return readFileSync(join(root, '.git', ref), 'utf8').trim();
  const packed = readFileSync(join(root, '.git/packed-refs'), 'utf8');
  return (
    packed
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`))
      ?.split(' ')[0] ?? ''
  );
}

/** `6.1.0 with 12 patches (ac0aa698)`: the hash is of source, patches, configuration and the machine's C library and OpenSSL. */
export const patchedVersion = ({ version, patches, hash }: StrongswanTree): string =>
  `${version} with ${patches.length} patches (${hash.slice(0, 8)})`;

/** Where and with what an experiment runs; a guest's own versions replace the placeholders when it says hello. */
export async function hostProvenance(backend: Backend): Promise<Provenance> {
  const patched = backend.patched === null ? {} : { patched: patchedVersion(backend.patched) };
  const common = { roamlab: ownVersion(), clock: backend.clock, host: `Linux ${release()}`, ...patched };
  if (backend.kind === 'vm') {
    const { accelerator } = backend.acceleration;
    const virtual =
      backend.clock === 'virtual'
        ? { cpuRate: backend.cpuRate, guest: await guestKey({ ...backend, patchedRoot: backend.patched?.root }) }
        : {};
    return {
      ...common,
      ...{ backend: 'vm', accelerator, kernel: '', strongswan: '', tools: {} },
      ...{ image: backend.image.content, qemu: await qemuVersion(), ...virtual },
    };
  }
  const tools = await toolVersions();
  return { ...common, backend: 'netns', accelerator: 'native', kernel: release(), strongswan: tools.strongswan ?? 'none', tools };
}
