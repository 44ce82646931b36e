/**
 * pcap to packets against tshark extracting the same fields with the same keys: time, addresses, ESP SPI and sequence
 * number, inner UDP ports and payload. Both verify ICVs. Ours is timed warm, inside this process (an experiment
 * analyses many captures in one), and as a process of its own, start-up included, as tshark always is. Runs alternate;
 * medians.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { ESP_TABLE, formatEspTable, formatIkeTable, IKE_TABLE } from '../../src/pcap/index.ts';
import type { EspKeys, IkeKeys } from '../../src/types/keys.ts';
import { pcapFile } from '../../test/pcap/build/files.ts';
import { esp, espKeys, ike, ikeKeys, notify } from '../../test/pcap/build/ipsec.ts';
import { ethernet, flowPayload, ipv4, udp } from '../../test/pcap/build/net.ts';
import { analyse, EPOCH, SPI } from './analyse.ts';

export interface BenchResult {
  name: string;
  /** median rates in `unit` */
  ours: number;
  peer: number;
  ratio: number;
  unit: string;
  /** ratio asked for, null: shown for information; default by name (main.ts) */
  goal?: number | null;
}

const PACKETS = 200_000;
const REPETITIONS = 5;
/** Where the command keeps compiled sources (scripts/roamlab.mjs). */
const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/roamlab');
const OUTER = { src: '10.0.1.1', dst: '10.0.2.1' };

/** Runs the comparison; `report` gets a line per repetition. Throws when tshark is missing or disagrees with us. */
export async function benchPcap(report: (line: string) => void, packets = PACKETS): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-bench-'));
  try {
    const file = join(folder, 'bench.pcap');
    const esps = espKeys('aes128', 'sha1', SPI, OUTER.src, OUTER.dst);
    const ikes = ikeKeys('aes128', 'sha1');
    writeFileSync(file, capture(packets, esps, ikes));
    return [
      ...(await compare('pcap to packets, ESP and IKE decrypted', file, packets, [ikes], [esps], report)),
      ...(await compare('pcap to packets, no keys', file, packets, [], [], report)),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A flow of 64-octet payloads in ESP with an IKE exchange every thousand packets. */
function capture(packets: number, esps: EspKeys, ikes: IkeKeys): Buffer {
  const marker = Buffer.alloc(4);
  return pcapFile(
    Array.from({ length: packets }, (_, i) => {
      const [seconds, fraction] = [EPOCH + Math.floor(i / 1000), (i % 1000) * 1_000_000 + 1];
      if (i % 1000 === 999) {
        const options = { exchange: 37, messageId: i / 1000, fromInitiator: true, response: false };
        const message = ike(ikes, options, [notify(16400), notify(16401, Buffer.alloc(16))]);
        return { seconds, fraction, data: ethernet(ipv4({ ...OUTER, protocol: 17 }, udp(4500, 4500, Buffer.concat([marker, message])))) };
      }
      const inner = ipv4({ src: '10.9.0.1', dst: '10.8.0.1', protocol: 17 }, udp(40000, 5001, flowPayload(0, i, seconds, fraction, 64)));
      return { seconds, fraction, data: ethernet(ipv4({ ...OUTER, protocol: 50 }, esp(esps, i + 1, 4, inner))) };
    }),
  );
}

async function compare(
  name: string,
  file: string,
  packets: number,
  ikes: IkeKeys[],
  esps: EspKeys[],
  report: (line: string) => void,
): Promise<BenchResult[]> {
  const keys = join(dirname(file), 'keys');
  mkdirSync(keys, { recursive: true });
  writeFileSync(join(keys, IKE_TABLE), formatIkeTable(ikes));
  writeFileSync(join(keys, ESP_TABLE), formatEspTable(esps));
  const args = tsharkArguments(file, ikes, esps);
  const rates: { warm: number[]; process: number[]; tshark: number[] } = { warm: [], process: [], tshark: [] };
  const alone = () => execa(process.execPath, [join(import.meta.dirname, 'analyse.ts'), file], { env: { NODE_COMPILE_CACHE: COMPILED } });
  await analyse(file);
  await alone();
  for (let i = 0; i < REPETITIONS; i++) {
    const warm = await timed(() => analyse(file));
    const theirs = await timed(() => execa('tshark', args, { stdout: { file: `${file}.txt` }, stderr: 'ignore', stdin: 'ignore' }));
    const cold = await timed(alone);
    rates.warm.push(packets / warm);
    rates.process.push(packets / cold);
    rates.tshark.push(packets / theirs);
    report(`${name}: ours ${warm.toFixed(2)} s, as a process ${cold.toFixed(2)} s, tshark ${theirs.toFixed(2)} s`);
  }
  const result = (label: string, values: number[]) => {
    const [ours, peer] = [median(values), median(rates.tshark)];
    return { name: label, ours: ours / 1000, peer: peer / 1000, ratio: ours / peer, unit: 'kpackets/s' };
  };
  return [result(name, rates.warm), result(`${name}, whole process`, rates.process)];
}

function tsharkArguments(file: string, ikes: IkeKeys[], esps: EspKeys[]): string[] {
  const fields = [
    'frame.time_epoch',
    'ip.src',
    'ip.dst',
    'esp.spi',
    'esp.sequence',
    'udp.srcport',
    'udp.dstport',
    'udp.payload',
    'isakmp.notify.msgtype',
  ];
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return [
    ...['-n', '-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
    ...lines(formatIkeTable(ikes)).flatMap((line) => ['-o', `uat:ikev2_decryption_table:${line}`]),
    ...lines(formatEspTable(esps)).flatMap((line) => ['-o', `uat:esp_sa:${line}`]),
    ...['-o', `esp.enable_encryption_decode:${esps.length > 0}`, '-o', `esp.enable_authentication_check:${esps.length > 0}`],
  ];
}

async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return (performance.now() - start) / 1000;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

if (import.meta.main) {
  const { values } = parseArgs({ options: { packets: { type: 'string', default: String(PACKETS) } } });
  const results = await benchPcap(console.log, Number(values.packets));
  for (const r of results)
    console.log(`${r.name}: ours ${r.ours.toFixed(0)}, tshark ${r.peer.toFixed(0)} ${r.unit}, ${r.ratio.toFixed(1)}x`);
}
