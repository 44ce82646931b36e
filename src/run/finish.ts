/** The end of a run: stop what measures, read every counter, then let the lab go. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stopCapture } from '../capture/stop.ts';
import { nanosecondsSince } from '../host/libc.ts';
import { waitFor } from '../host/wait.ts';
import { CHARON_LOG, KEY_LOG } from '../ipsec/config.ts';
import { espKeysFromSad, ikeKeysFromLog } from '../ipsec/keys.ts';
import { CSA_FILE } from '../pcap/keys/csa-file.ts';
import { ESP_TABLE, formatEspTable } from '../pcap/keys/esp-table.ts';
import { formatIkeTable, IKE_TABLE } from '../pcap/keys/ike-table.ts';
import { drainTime } from '../plan/plan.ts';
import { RoamlabError } from '../types/errors.ts';
import type { IkeKeys } from '../types/keys.ts';
import { isShaped, sides, WIRE } from '../types/wire.ts';
import { until } from './clock.ts';
import type { RunContext } from './context.ts';
import { allCsas, ordinaryEsp } from './csa-keys.ts';
import { confirmEvents } from './events.ts';
import type { Handler } from './handler.ts';
import { helperStatistics, requireHelpers, secretsOf, stopHelpers } from './helper.ts';
import { keepXfrm } from './xfrm.ts';

/** ms: its handshake over seconds of round trips comes before its duration, an exchange of results after it */
const BULK_END = 60_000;

/** Counters of /proc/net/xfrm_stat of a node with IPsec. */
export function xfrmCounters(context: RunContext, node: string): Record<string, number> {
  const text = readFileSync(context.lab.procFile(node, 'net/xfrm_stat'), 'utf8');
  return Object.fromEntries([...text.matchAll(/^(\w+)\s+(\d+)$/gm)].map((m) => [m[1] as string, Number(m[2])]));
}

async function stopCaptures(context: RunContext): Promise<void> {
  await Promise.all(
    context.captures.map(async ({ record, process }) => {
      const counts = await stopCapture(process);
      if (counts === null)
        throw new RoamlabError('E_CAPTURE', 1, `tcpdump on ${record.node}:${record.interface}: ${process.stderr.trim()}`);
      record.captured = counts.captured;
      record.dropped = counts.dropped + Math.max(0, counts.received - counts.captured);
    }),
  );
}

async function stopArmed(context: RunContext): Promise<void> {
  for (const { node, tool, process } of context.armed) {
    process.child.stdin.end();
    await process.ended();
    if (process.child.exitCode !== 0)
      throw new RoamlabError('E_EVENT', 1, `${tool} on ${node} refused the event: ${process.stderr.trim()}`);
  }
}

/** netem's drops (loss and full queue), under the name of the node and interface whose frames were dropped. */
async function qdiscDrops(context: RunContext): Promise<Record<string, number>> {
  const { cell } = context;
  if (!cell.links.some(isShaped)) return {};
  const { stdout } = await context.lab.exec(null, ['tc', '-n', WIRE, '-s', '-j', 'qdisc', 'show']);
  const found = JSON.parse(stdout || '[]') as { dev: string; kind: string; drops?: number }[];
  const drops: Record<string, number> = {};
  for (const { end, egress } of cell.links.flatMap((link, index) => sides(link, index))) {
    if (egress === null) continue;
    const qdisc = found.find((q) => q.kind === 'netem' && q.dev === egress.at.interface);
    drops[`${end.node}:${end.interface}`] = qdisc?.drops ?? 0;
  }
  return drops;
}

/** The kernel's SAs of every IPsec node, merged by SPI: called after IKE and at the end, so that a rekey loses nothing. */
export async function readSad(context: RunContext): Promise<void> {
  for (const node of context.charons.keys()) {
    const { stdout } = await context.lab.exec(null, ['ip', '-n', node, 'xfrm', 'state']);
    for (const key of espKeysFromSad(stdout)) if (!context.espKeys.some((k) => k.spi === key.spi)) context.espKeys.push(key);
  }
}

/** charon's logs, which also say why a run failed. */
export function keepLogs(context: RunContext): void {
  for (const node of context.charons.keys()) {
    const log = context.lab.path(node, CHARON_LOG);
    if (existsSync(log)) copyFileSync(log, context.file(`log/charon-${node}.log`));
  }
}

function readIpsec(context: RunContext): void {
  keepLogs(context);
  const ikeKeys: IkeKeys[] = [];
  for (const [node] of context.charons) {
    const before = context.xfrmBefore[node] ?? {};
    const risen = Object.entries(xfrmCounters(context, node)).filter(([name, count]) => count > (before[name] ?? 0));
    context.xfrmErrors[node] = Object.fromEntries(risen.map(([name, count]) => [name, count - (before[name] ?? 0)]));
    const keyLog = context.lab.path(node, KEY_LOG);
    if (existsSync(keyLog)) ikeKeys.push(...ikeKeysFromLog(readFileSync(keyLog, 'utf8')));
  }
  const unique = ikeKeys.filter((key, i) => ikeKeys.findIndex((k) => k.initiatorSpi === key.initiatorSpi) === i);
  if (context.charons.size > 0) writeFileSync(context.file(`keys/${IKE_TABLE}`), formatIkeTable(unique), { mode: 0o600 });
}

/** Keys of ESP: charon's as the kernel had them, the helpers' as they were given, in zones and without. */
function keepEspKeys(context: RunContext): void {
  const csas = allCsas(secretsOf(context));
  if (csas.length > 0) writeFileSync(context.file(`keys/${CSA_FILE}`), `${JSON.stringify(csas, null, 1)}\n`, { mode: 0o600 });
  const esp = [...context.espKeys, ...ordinaryEsp(csas)];
  if (context.charons.size === 0 && esp.length === 0) return;
  // any address: MOBIKE moves an SA, and Wireshark finds a key by address and SPI
  writeFileSync(context.file(`keys/${ESP_TABLE}`), formatEspTable(esp.map((key) => ({ ...key, src: '*', dst: '*' }))), { mode: 0o600 });
}

/** iperf3 has ended at both ends, and the last of its packets have arrived. */
async function bulkEnd(context: RunContext, signal: AbortSignal): Promise<void> {
  if (context.bulk.length === 0) return;
  for (const { name, client, server } of context.bulk) {
    const process = await client;
    const over = () => {
      requireHelpers(context); // without them it would wait for packets
      return !process.running;
    };
    await waitFor(`iperf3 of ${name}`, over, { signal, timeout: BULK_END });
    // it has nothing to say that is wanted, and where the last words got lost it waits for ever
    await waitFor('its server', () => !server.running, { signal, timeout: 1000 }).catch(() => signal.throwIfAborted());
  }
  await until(context, nanosecondsSince(context.epoch) + drainTime(context.cell) * 1e9, signal);
}

export const collect: Handler<'collect'> = async (context, _step, signal) => {
  if (context.traffic !== null) context.flows = await context.traffic;
  await bulkEnd(context, signal);
  if (context.watching) {
    context.notifications = await context.instruments.monitor.stop();
    context.watching = false;
  }
  context.helperStatistics = await helperStatistics(context);
  await stopCaptures(context);
  await stopArmed(context);
  context.qdiscDrops = await qdiscDrops(context);
  await readSad(context);
  readIpsec(context);
  keepEspKeys(context);
  const seen = [...context.notifications, ...context.controls].sort((a, b) => a.t - b.t);
  confirmEvents(context.cell, context.events, seen);
  for (const flow of context.flows) {
    const lines = flow.deliveries.map((d) => JSON.stringify(d));
    writeFileSync(context.file(`flows/${flow.name}.jsonl`), lines.length === 0 ? '' : `${lines.join('\n')}\n`);
  }
  await stopHelpers(context);
  writeFileSync(context.file('events.jsonl'), context.events.map((e) => `${JSON.stringify(e)}\n`).join(''));
  await keepXfrm(context);
};
