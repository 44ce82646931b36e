/** Our ESP helper at both ends, ESP in UDP, AES-128-GCM. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HelperClient } from '../../../src/helper/client.ts';
import type { LabProcess } from '../../../src/lab/lab.ts';
import { keyLength, maxInner, ONE_ZONE, PAPER_ZONES, suiteNamed } from '../../../src/mlipsec/index.ts';
import type { CsaKeys } from '../../../src/types/keys.ts';
import type { Carrier, Contender } from './contender.ts';
import { INNER, OUTER, other, type Pair, pidOf, SIDES, type Side } from './pair.ts';

const SUITE = 'aes128-gcm16';
const OUTER_HEADERS = 28;
const TUN = 'mml0';

export interface HelperOptions {
  zones: 1 | 2;
  speed: 'faithful' | 'fast';
  /** the helper's program; in a guest it is a bundle */
  main?: string;
}

function keysFrom(from: Side, zones: 1 | 2): CsaKeys {
  const sas = Array.from({ length: zones }, () => ({
    spi: 256 + randomBytes(3).readUIntBE(0, 3),
    suite: SUITE,
    material: randomBytes(keyLength(suiteNamed(SUITE))).toString('hex'),
  }));
  return {
    src: OUTER[from],
    dst: OUTER[other(from)],
    layout: 'P',
    bind: zones === 1 ? 'none' : 'hdr',
    boundaries: zones === 1 ? [] : [40],
    sas,
  };
}

const mtuOf = (zones: 1 | 2): number => {
  const suite = suiteNamed(SUITE);
  return maxInner('P', zones === 1 ? ONE_ZONE : PAPER_ZONES, zones === 1 ? [suite] : [suite, suite], 1500, OUTER_HEADERS);
};

async function start(pair: Pair, side: Side, folder: string, options: HelperOptions): Promise<[HelperClient, LabProcess]> {
  const { main = join(import.meta.dirname, '../../../src/helper/main.ts') } = options;
  const path = join(folder, `${side}.sock`);
  const running = pair.lab.start(side, [process.execPath, '--disable-warning=ExperimentalWarning', main, path]);
  const alive = () => {
    if (!running.running) throw new Error(`the helper of ${side} ended: ${running.stderr}`);
  };
  const client = await HelperClient.connect(path, { alive });
  const far = other(side);
  const tunnel = {
    ...{ name: TUN, mode: 'tunnel' as const, local: OUTER[side], remote: OUTER[far] },
    ...{ localInner: `${INNER[side]}/32`, remoteInner: `${INNER[far]}/32`, mtu: mtuOf(options.zones) },
    ...{ encapsulation: 'udp' as const, speed: options.speed, dynamic: null },
  };
  await client.open({ tunnels: [tunnel], agent: null, profile: false });
  await pair.ip(side, `addr add ${INNER[side]}/32 dev ${TUN}`, `route add ${INNER[far]}/32 dev ${TUN}`);
  return [client, running];
}

export const helper = (options: HelperOptions): Contender => ({
  name: `helper, ${options.speed === 'fast' ? 'fast' : 'packet'} mode, ${options.zones === 1 ? 'one zone' : 'two zones'}`,
  missing: () => null,
  async open(pair): Promise<Carrier> {
    const folder = mkdtempSync(join(tmpdir(), 'roamlab-bench-'));
    const ends: [HelperClient, LabProcess][] = [];
    for (const side of SIDES) ends.push(await start(pair, side, folder, options));
    const keys = { a: keysFrom('a', options.zones), b: keysFrom('b', options.zones) };
    for (const [i, side] of SIDES.entries()) {
      const tunnel = { tunnel: TUN, send: keys[side], receive: keys[other(side)], ipsec: null };
      await ends[i]![0].keys({ tunnels: [tunnel], agent: null });
    }
    return {
      address: INNER.b,
      pids: () => ends.map(([, running]) => pidOf(running)),
      async report() {
        const [a, b] = await Promise.all(ends.map(([client]) => client.statistics()));
        return JSON.stringify({ sent: a?.tunnels[TUN]?.out, received: b?.tunnels[TUN]?.in });
      },
      async close() {
        for (const [client, running] of ends) {
          await client.stop();
          await running.ended();
        }
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
});
