/** Run folders to compare: results of the virtual clock, one encrypted capture, and damage done to them. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { formatEspTable, formatIkeTable } from '../../src/pcap/index.ts';
import { analyzeRun } from '../../src/report/index.ts';
import { EPOCH, run } from '../metrics/build.ts';
import { pcapFile, type Record } from '../pcap/build/files.ts';
import { esp, espKeys, ike, ikeKeys, notify } from '../pcap/build/ipsec.ts';
import { ethernet, flowPayload, ipv4, udp } from '../pcap/build/net.ts';
import { writeResults } from '../report/results-folder.ts';

export const RUN = 'cells/all/run-001';

/** A folder that goes away with the test file. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roamlab-compare-'));
  afterAll(() => rm(folder, { recursive: true }));
  return folder;
}

/** Results of one cell: run 1, run 2, a null run, each with its facts. */
export async function virtualResults(folder: string): Promise<string> {
  await writeResults(folder);
  await edit(join(folder, 'experiment.json'), (record) => Object.assign(record.provenance as object, { clock: 'virtual' }));
  for (const name of ['run-001', 'run-002', 'null-001']) await analyzeRun(join(folder, 'cells/all', name));
  return folder;
}

/** Changes a JSON file in place. */
export async function edit(path: string, change: (value: { [key: string]: unknown }) => unknown): Promise<void> {
  const value = JSON.parse(await readFile(path, 'utf8'));
  change(value);
  await writeFile(path, JSON.stringify(value));
}

/** A copy of `from`. */
export async function copy(from: string, to: string): Promise<string> {
  await cp(from, to, { recursive: true });
  return to;
}

/** Changes the octets of a file. */
export async function damage(path: string, change: (octets: Buffer) => Buffer | undefined): Promise<void> {
  const octets = await readFile(path);
  await writeFile(path, change(octets) ?? octets);
}

/** Flips bit `bit` of octet `at`. */
export const flipAt =
  (at: number, bit = 0) =>
  (octets: Buffer): undefined => {
    octets[at]! ^= 1 << bit;
  };

/** Where record `number` (from 1) of a little-endian capture starts. */
export function recordAt(capture: Buffer, number: number): number {
  let at = 24;
  for (let i = 1; i < number; i += 1) at += 16 + capture.readUInt32LE(at + 8);
  return at;
}

const ESP = espKeys('aes128', 'sha256', 0xc0de);
const IKE = ikeKeys('aes128', 'sha256');
const OUTER = { src: '10.1.0.2', dst: '10.3.0.2' };

/** One packet per 10 ms from 1 s on, flow packets in ESP; before them the request that moves the SA. */
export function sealedRecords(packets: number): Record[] {
  const update = ike(IKE, { exchange: 37, messageId: 3, fromInitiator: true, response: false }, [notify(16400)]);
  const request = ethernet(ipv4({ ...OUTER, protocol: 17 }, udp(4500, 4500, Buffer.concat([Buffer.alloc(4), update]))));
  const data = Array.from({ length: packets }, (_, seq) => {
    const inner = ipv4({ src: '10.10.0.1', dst: '10.9.0.1', protocol: 17 }, udp(40_000, 5001, flowPayload(0, seq, EPOCH + 1, seq * 1e7)));
    return ethernet(ipv4({ ...OUTER, protocol: 50 }, esp(ESP, seq + 1, 4, inner)));
  });
  return [request, ...data].map((octets, i) => ({ seconds: EPOCH + 1, fraction: i * 1e7, data: octets }));
}

/** A run folder on its own, with nothing but run.json, keys and one capture of `packets` + 1 packets. */
export async function sealedRun(folder: string, packets = 20, records = sealedRecords(packets)): Promise<string> {
  const captures = [{ node: 'mn', interface: 'eth0', file: 'pcap/mn-eth0.pcap', captured: packets + 1, dropped: 0 }];
  const files = {
    'run.json': JSON.stringify(run({ captures })),
    'keys/esp_sa': formatEspTable([{ ...ESP, src: '*', dst: '*' }]),
    'keys/ikev2_decryption_table': formatIkeTable([IKE]),
    'pcap/mn-eth0.pcap': pcapFile(records),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}
