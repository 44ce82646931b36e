/** A whole results folder on disk, with real captures of one clear flow from mn to server. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../../src/types/run.ts';
import { cell, EPOCH, flow, MAC, ms, NEW, OLD, run } from '../metrics/build.ts';
import { experiment } from './build.ts';
import { flowData, pcap, udp } from './pcap-bytes.ts';

const SERVER = '10.3.0.9';
const SERVER_MAC = '02:00:00:00:00:09';

export const CLEAR = cell({
  nodes: cell().nodes.map((node) => (node.name === 'sgw' ? { ...node, name: 'server', role: 'server' as const } : node)),
  ipsec: [],
  flows: [flow('up', 0, { to: 'server', source: OLD, destination: SERVER, protectedBy: null })],
});

/** Two event runs and a null run of one cell. The event takes 200 ms of the flow. */
export async function writeResults(folder: string): Promise<void> {
  const { record } = experiment();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'experiment.json'), JSON.stringify({ ...record, runs: 2, cells: [CLEAR] }));
  for (const number of [1, 2]) await writeRun(join(folder, `cells/all/run-00${number}`), number, false);
  await writeRun(join(folder, 'cells/all/null-001'), 1, true);
}

async function writeRun(folder: string, number: number, nullEvent: boolean): Promise<void> {
  for (const name of ['pcap', 'keys', 'log', 'flows']) await mkdir(join(folder, name), { recursive: true });
  const sender = [];
  const receiver = [];
  const log = [];
  for (let seq = 0; seq < 300; seq += 1) {
    const t = ms(1000 + seq * 10);
    if (!nullEvent && t > ms(2000) && t < ms(2200)) continue;
    const moved = !nullEvent && t >= ms(2200);
    const frame = {
      t,
      srcMac: moved ? MAC.mn1 : MAC.mn0,
      dstMac: SERVER_MAC,
      src: moved ? NEW : OLD,
      dst: SERVER,
      srcPort: 9,
      dstPort: 7000,
      data: flowData(seq, t),
    };
    sender.push(udp(frame));
    receiver.push(udp({ ...frame, t: t + ms(1) }));
    log.push([seq, t, t + ms(1)]);
  }
  const record: RunRecord = run({
    run: number,
    nullEvent,
    flowsSent: { up: 300 },
    interfaces: [
      { node: 'mn', interface: 'eth0', mac: MAC.mn0, addresses: [OLD] },
      { node: 'server', interface: 'eth0', mac: SERVER_MAC, addresses: [SERVER] },
    ],
    captures: [
      { node: 'mn', interface: 'eth0', file: 'pcap/mn-eth0.pcap', captured: sender.length, dropped: 0 },
      { node: 'server', interface: 'eth0', file: 'pcap/server-eth0.pcap', captured: receiver.length, dropped: 0 },
    ],
  });
  const event = { index: 0, kind: 'admin-down', node: 'mn', requested: ms(1999), issued: ms(1999), confirmed: ms(2000), notifications: [] };
  await writeFile(join(folder, 'run.json'), JSON.stringify(record));
  await writeFile(join(folder, 'events.jsonl'), nullEvent ? '' : `${JSON.stringify(event)}\n`);
  await writeFile(join(folder, 'flows/up.jsonl'), log.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await writeFile(join(folder, 'log/charon-mn.log'), `${EPOCH + 2}.105000 09[KNL] creating roam job due to address/link change\n`);
  await writeFile(join(folder, 'pcap/mn-eth0.pcap'), pcap(sender));
  await writeFile(join(folder, 'pcap/server-eth0.pcap'), pcap(receiver));
}
