/** The helper's ESP in one zone against the kernel's, octet by octet and in both directions; and through tshark. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { SUITE_NAMES, suiteNamed } from '../../src/mlipsec/index.ts';
import { formatEspTable } from '../../src/pcap/index.ts';
import { ordinaryEsp } from '../../src/run/csa-keys.ts';
import type { TunnelStatistics } from '../../src/types/helper.ts';
import type { CsaKeys } from '../../src/types/keys.ts';
import { runGuest } from '../../src/vm/guest-run.ts';
import { ensureImage } from '../../src/vm/image.ts';
import type { GuestJob } from '../../src/vm/protocol.ts';

/** In each direction: every size once; with INTEROP_PACKETS=10000 seven times, which takes minutes. */
const PACKETS = Number(process.env.INTEROP_PACKETS ?? 1500);
const SHOWN = 12;
/** the kernel authenticates whatever it decrypts */
const SUITES = SUITE_NAMES.filter((name) => suiteNamed(name, { fidelity: true }).icv > 0);

interface Report {
  name: string;
  /** octets of the largest UDP payload that fits */
  most: number;
  lost: number[];
  counts: TunnelStatistics;
  errors: string[];
  unreachable: number;
  pcap: string;
  keys: CsaKeys[];
  seconds: number;
  message?: string;
}

const reports = new Map<string, Report>();

beforeAll(async () => {
  await runGuest({ runs: [], packets: PACKETS, suites: SUITES } as GuestJob, {
    image: await ensureImage(() => {}),
    accelerator: 'tcg',
    signal: new AbortController().signal,
    main: join(import.meta.dirname, 'guest/mml-interop.ts'),
    silence: 300_000,
    onMessage: (message) => {
      if (message.type === 'said') reports.set((message.value as Report).name, message.value as Report);
    },
  });
  expect(reports.get('failed')?.message).toBeUndefined();
}, 3_000_000);

/** What tshark sees in the packets of a case, decrypted and authenticated. */
function decrypted({ pcap, keys }: Report): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-interop-'));
  try {
    const file = join(folder, 'esp.pcap');
    writeFileSync(file, Buffer.from(pcap, 'base64'));
    const sas = formatEspTable(ordinaryEsp(keys))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .flatMap((line) => ['-o', `uat:esp_sa:${line}`]);
    const on = ['enable_encryption_decode', 'enable_authentication_check', 'enable_null_encryption_decode_heuristic'];
    const options = on.flatMap((name, i) => ['-o', `esp.${name}:${i < 2 ? 'TRUE' : 'FALSE'}`]);
    const fields = ['esp.sequence', 'esp.icv_good', 'udp.length'].flatMap((name) => ['-e', name]);
    const text = execFileSync('tshark', ['-r', file, ...options, ...sas, '-T', 'fields', ...fields], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(['tunnel', 'transport'])('%s mode', (mode) => {
  test.each(SUITES)('%s', (suite) => {
    const report = reports.get(`${suite}, ${mode}`)!;
    expect(report.lost).toEqual([]);
    expect(report.errors).toEqual([]);
    const sent = PACKETS + SHOWN;
    expect(report.counts).toMatchObject({ out: { packets: sent, refused: {} }, in: { packets: sent, refused: {} } });
    // so that all lengths modulo any block are there, and the largest fills the MTU
    expect(report.most).toBeGreaterThan(1400);
    const seen = decrypted(report);
    expect(seen).toHaveLength(2 * SHOWN);
    const lengths = [...Array.from({ length: SHOWN - 1 }, (_, i) => 5 + i), report.most].map((octets) => octets + 8);
    for (const [i, [sequence, good, length]] of seen.entries()) {
      // tshark says True or 1, by its version
      expect([Number(sequence), good === '1' || good === 'True', Number(length)]).toEqual([(i % SHOWN) + 1, true, lengths[i % SHOWN]]);
    }
  });
});

test('two helpers in dynamic mode, and no kernel that complains of packets in clear', () => {
  const report = reports.get('dynamic')!;
  expect(report.lost).toEqual([]);
  expect(report.counts.in).toMatchObject({ packets: 400, refused: {}, byMode: { plain: 300, ipsec: 0, mml: 100 } });
  expect(report.unreachable).toBe(0);
});
