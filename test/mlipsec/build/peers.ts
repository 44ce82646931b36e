/** Composite SAs of both ends and of foreign agents, with keys that depend on labels only. */
import { createHash } from 'node:crypto';
import type { CipherFactory } from '../../../src/mlipsec/cipher/types.ts';
import {
  type Bind,
  Csa,
  IvSpace,
  keyLength,
  type Layout,
  PAPER_ZONES,
  type SuiteName,
  splitKeys,
  suiteNamed,
  type ZoneMap,
  ZoneSa,
} from '../../../src/mlipsec/index.ts';

/** `size` octets that depend on `label` only. */
export function octets(label: string, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i * 32 < size; i++) parts.push(createHash('sha256').update(`${label} ${i}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

export interface World {
  suite: SuiteName;
  layout?: Layout;
  bind?: Bind;
  zones?: ZoneMap;
  cipher?: CipherFactory;
  window?: number;
}

export const spiOf = (zone: number): number => 0xc000_0000 + zone;

/** The SA of a zone; another `key` is another key. */
export function zoneSa(world: World, zone: number, iv?: IvSpace, key = ''): ZoneSa {
  const suite = suiteNamed(world.suite, { fidelity: true });
  const keys = splitKeys(suite, octets(`zone ${zone} ${key}`, keyLength(suite)));
  const { cipher } = world;
  return new ZoneSa({ spi: spiOf(zone), suite, keys, ...(iv && { iv }), ...(cipher && { cipher }) });
}

function csa(world: World, role: 'send' | 'receive' | 'forward', sas: (ZoneSa | null)[]): Csa {
  const { suite: _, cipher: __, ...options } = world;
  return new Csa({ role, sas, ...options });
}

const zonesOf = (world: World) => world.zones ?? PAPER_ZONES;

export const sender = (world: World, epoch = 0): Csa =>
  csa(
    world,
    'send',
    zonesOf(world).map(({ id }) => zoneSa(world, id, new IvSpace(0, epoch))),
  );

export const receiver = (world: World): Csa =>
  csa(
    world,
    'receive',
    zonesOf(world).map(({ id }) => zoneSa(world, id)),
  );

export const agent = (world: World, writer = 1, epoch = 0): Csa =>
  csa(
    world,
    'forward',
    zonesOf(world).map(({ id, faAccess }) => (faAccess ? zoneSa(world, id, new IvSpace(writer, epoch)) : null)),
  );

const ROOM = 70_000;

/** The octets a function writes to a buffer, or throws what it refused. */
export function written(write: (out: Uint8Array) => { ok: true; length: number } | { ok: false; reason: string }): Buffer {
  const out = new Uint8Array(ROOM);
  const result = write(out);
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return Buffer.from(out.subarray(0, result.length));
}
