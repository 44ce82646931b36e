/** The oracle: T_RC, T_UPDATE and T_STALLED of a run as tshark's dissectors and a few subtractions give them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../../src/types/run.ts';

const UPDATE_SA_ADDRESSES = '16400';
const INFORMATIONAL = '37';

function uats(folder: string): string[] {
  return ['ikev2_decryption_table', 'esp_sa'].flatMap((name) =>
    readFileSync(join(folder, 'keys', name), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .flatMap((line) => ['-o', `uat:${name}:${line}`]),
  );
}

function fields(file: string, options: string[], filter: string, names: string[]): string[][] {
  const argv = ['-r', file, ...options, '-Y', filter, '-T', 'fields', ...names.flatMap((name) => ['-e', name])];
  const text = execFileSync('tshark', argv, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** Epoch seconds as text to integer nanoseconds: a double has no room for both. */
function nanoseconds(text: string): bigint {
  const [seconds = '0', fraction = ''] = text.split('.');
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}

const seconds = (ns: bigint): number => Number(ns) / 1e9;

/** Seconds, for a run of the multihoming experiment: the MN's second interface carries the handover. */
export async function tsharkTimes(folder: string): Promise<{ rc: number; update: number; stalled: number }> {
  const keys = uats(folder);
  const record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunRecord;
  const eth2 = join(folder, 'pcap/mn-eth2.pcap');
  const ike = fields(eth2, keys, `isakmp.exchangetype == ${INFORMATIONAL}`, [
    'frame.time_epoch',
    'ip.src',
    'ip.dst',
    'isakmp.messageid',
    'isakmp.notify.msgtype',
  ]);
  const own = '10.2.0.2';
  const requests = ike.filter(([, src, dst]) => src === own && dst === '10.3.0.2');
  const responses = ike.filter(([, , dst]) => dst === own);
  const exchange = (isUpdate: boolean) => {
    const request = requests.find((m) => (m[4] ?? '').split(',').includes(UPDATE_SA_ADDRESSES) === isUpdate);
    const response = responses.find((m) => m[3] === request?.[3]);
    if (request === undefined || response === undefined) throw new Error(`no exchange (update: ${isUpdate}) in ${eth2}`);
    return seconds(nanoseconds(response[0] ?? '') - nanoseconds(request[0] ?? ''));
  };
  return { rc: exchange(false), update: exchange(true), stalled: longestGap(folder, keys, record) };
}

/** The longest silence of the downlink at the MN across both interfaces, ESP only, in a window around the event. */
function longestGap(folder: string, keys: string[], record: RunRecord): number {
  const esp = ['-o', 'esp.enable_encryption_decode:TRUE', '-o', 'esp.enable_authentication_check:TRUE', ...keys];
  const times = ['mn-eth1', 'mn-eth2']
    .map((name) => join(folder, 'pcap', `${name}.pcap`))
    .filter(existsSync)
    .flatMap((file) => fields(file, esp, 'esp && udp.dstport == 5002', ['frame.time_epoch']))
    .map(([time]) => nanoseconds(time ?? ''))
    .sort((a, b) => (a < b ? -1 : 1));
  const due = BigInt(record.epoch) * 1_000_000_000n + BigInt(Math.round(record.eventDue ?? 0));
  let longest = 0n;
  for (let i = 1; i < times.length; i++) {
    const [before, after] = [times[i - 1] as bigint, times[i] as bigint];
    if (after > due && after - before > longest) longest = after - before;
  }
  return seconds(longest);
}
