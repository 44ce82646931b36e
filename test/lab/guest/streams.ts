/**
 * A guest program: messages between two nodes with two links over this kernel's SCTP and MPTCP, and what the kernel says of the
 * associations meanwhile. Each case is reported by name.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { nanosecondsSince } from '../../../src/host/libc.ts';
import { loadSctp } from '../../../src/host/sctp.ts';
import { Lab } from '../../../src/lab/lab.ts';
import { Traffic } from '../../../src/traffic/flows.ts';
import type { AddressChange, StreamEndpoint } from '../../../src/traffic/protocol.ts';
import { closePort, send } from '../../../src/vm/guest/port.ts';

/** Seconds from the begin of a flow. */
type Instant = number;

const lab = new Lab('streams');
const traffic = new Traffic();
const ip = (node: string | null, ...lines: string[]) =>
  lab.exec(null, ['ip', ...(node === null ? [] : ['-n', node]), '-batch', '-'], { input: `${lines.join('\n')}\n` });

async function open(): Promise<void> {
  await lab.open();
  const veth = (name: string) => `link add name ${name} netns mn type veth peer name ${name} netns server`;
  await ip(null, 'netns add mn', 'netns add server', veth('eth1'), veth('eth2'));
  loadSctp();
  for (const [node, own] of [
    ['mn', 1],
    ['server', 2],
  ] as const) {
    await ip(node, 'link set dev lo up');
    for (const link of [1, 2]) await ip(node, `link set dev eth${link} up`, `addr add 10.${link}.0.${own}/24 dev eth${link}`);
    const settings = ['addip_enable=1', 'auth_enable=1', 'rto_min=100', 'rto_initial=200', 'rto_max=300', 'path_max_retrans=1'];
    await lab.exec(node, ['sysctl', '-q', '-w', ...settings.map((setting) => `net.sctp.${setting}`), 'net.sctp.association_max_retrans=3']);
    await lab.exec(null, ['ip', '-n', node, 'mptcp', 'limits', 'set', 'subflow', '2', 'add_addr_accepted', '2']);
  }
  await ip('mn', 'mptcp endpoint add 10.2.0.1 dev eth2 subflow');
}

const stream = (more: Partial<StreamEndpoint>): StreamEndpoint => ({
  ...{ protocol: 'sctp', index: 1, name: 'data', sources: ['10.1.0.1', '10.2.0.1'], destinations: ['10.1.0.2', '10.2.0.2'], port: 5000 },
  ...{ client: 'sender', rate: 200, size: 1000, phase: 0 },
  ...{ fromNamespace: lab.netnsPath('mn'), toNamespace: lab.netnsPath('server'), ...more },
});

/** Addresses of the association as the kernel of `node` has them, the primary one of the peer with a star. */
async function association(node: string): Promise<{ own: string[]; peer: string[] } | null> {
  const { stdout } = await lab.exec(node, ['cat', '/proc/net/sctp/assocs']);
  const found = /^.*?((?:\s\*?\d+\.\d+\.\d+\.\d+)+) <-> ((?:\*?\d+\.\d+\.\d+\.\d+ )+)/m.exec(stdout);
  return found === null ? null : { own: (found[1] ?? '').trim().split(/\s+/).sort(), peer: (found[2] ?? '').trim().split(' ').sort() };
}

interface Case {
  seconds: number;
  changes?: (Omit<AddressChange, 'at' | 'flow'> & { at: Instant })[];
  /** seconds after the end in which is received at least */
  drain?: number;
  /** looks at the association, or does something, at these instants */
  meanwhile?: [Instant, () => Promise<unknown>][];
}

/** Runs one flow, and says what came of it. */
async function report(
  name: string,
  flow: Partial<StreamEndpoint>,
  { seconds, drain = 1, changes = [], meanwhile = [] }: Case,
): Promise<void> {
  const epoch = Math.floor(Date.now() / 1000);
  const opening = nanosecondsSince(epoch);
  await traffic.open([stream(flow)], epoch);
  const start = nanosecondsSince(epoch) + 50e6;
  const asked = changes.map((change) => ({ ...change, flow: 1, at: start + change.at * 1e9 }));
  const cpu = process.cpuUsage();
  const running = traffic.run(start, start + seconds * 1e9, drain * 1e9, asked);
  const seen: unknown[] = [];
  for (const [at, look] of meanwhile) {
    await delay(Math.max(0, (start + at * 1e9 - nanosecondsSince(epoch)) / 1e6));
    seen.push((await look()) ?? null);
  }
  const { flows, changed } = await running;
  const { user, system } = process.cpuUsage(cpu);
  const [result] = flows;
  const deliveries = result?.deliveries ?? [];
  send({
    type: 'said',
    value: {
      name,
      sent: result?.sent,
      refused: result?.refused,
      received: deliveries.length,
      inOrder: deliveries.every(([sequence], i) => sequence === i),
      /** seconds: the longest time a message took */
      slowest: Math.max(0, ...deliveries.map(([, sent, received]) => received - sent)) / 1e9,
      changed: changed.map(
        (change, i) => change && { late: (change.issued - (asked[i]?.at ?? 0)) / 1e9, errno: change.errno, over: change.over },
      ),
      seen,
      took: { open: (start - 50e6 - opening) / 1e9, cpu: (user + system) / 1e6 },
    },
  });
}

/** Subflows that joined at the server. */
async function joins(): Promise<number> {
  const { stdout } = await lab.exec('server', ['cat', '/proc/net/netstat']);
  const [names = [], values = []] = [...stdout.matchAll(/^MPTcpExt: (.*)$/gm)].map((line) => (line[1] ?? '').split(' '));
  return Number(values[names.indexOf('MPJoinAckRx')]);
}

const link = (one: 'eth1' | 'eth2', state: 'up' | 'down') => () => ip('mn', `link set dev ${one} ${state}`).then(() => state);
const mn = () => association('mn');
const server = () => association('server');

await open();
await report(
  'sctp',
  {},
  {
    seconds: 0.6,
    meanwhile: [
      [0.2, mn],
      [0.3, server],
    ],
  },
);
await report('sctp, opened by the receiver', { client: 'receiver' }, { seconds: 0.4, meanwhile: [[0.2, mn]] });
// what waits in its queue then is delivered all the same
await report('sctp, bulk', { rate: 0 }, { seconds: 0.5, drain: 0 });
await report('sctp, large messages', { rate: 50, size: 60_000 }, { seconds: 0.4 });
await report(
  'sctp, a path fails',
  {},
  {
    seconds: 2,
    meanwhile: [
      [0.5, link('eth1', 'down')],
      [1.8, server],
    ],
  },
);
await link('eth1', 'up')();
const one = { sources: ['10.1.0.1'] };
const change = (at: Instant, action: AddressChange['action'], address: string) => ({ at, action, address, end: 'sender' as const });
await report(
  'sctp, asconf',
  { ...one, rate: 100 },
  {
    seconds: 7,
    // far apart: to look takes an emulated machine a second when it must
    changes: [
      change(1.5, 'add', '10.2.0.1'),
      change(3, 'set-primary', '10.2.0.1'),
      change(4.5, 'delete', '10.1.0.1'),
      change(6.9, 'add', '192.0.2.1'),
      change(9, 'add', '10.1.0.1'),
    ],
    meanwhile: [
      [0.1, server],
      [2, server],
      [3.5, server],
      [5, server],
    ],
  },
);
const automatic = (value: 0 | 1) => lab.exec('mn', ['sysctl', '-q', '-w', `net.sctp.default_auto_asconf=${value}`]);
await automatic(1);
await report(
  'sctp, addresses the kernel announces',
  { anyAddress: true },
  {
    seconds: 3,
    meanwhile: [
      [0.1, server],
      [1, () => ip('mn', 'addr add 10.2.0.9/24 dev eth2')],
      [2.5, server],
    ],
  },
);
await automatic(0);
await ip('mn', 'addr del 10.2.0.9/24 dev eth2');
await report(
  'sctp, all paths fail',
  { rate: 100 },
  {
    seconds: 4,
    changes: [change(3.8, 'delete', '10.2.0.1')],
    meanwhile: [
      [0.3, link('eth1', 'down')],
      [0.3, link('eth2', 'down')],
    ],
  },
);
for (const each of ['eth1', 'eth2'] as const) await link(each, 'up')();
await report('mptcp', { protocol: 'mptcp' }, { seconds: 0.6, meanwhile: [[0.4, joins]] });
await report('mptcp, bulk', { protocol: 'mptcp', rate: 0 }, { seconds: 0.5, drain: 0 });
await report('mptcp, a path fails', { protocol: 'mptcp' }, { seconds: 3, meanwhile: [[0.5, link('eth1', 'down')]] });
await traffic.close();
await lab.close();
send({ type: 'bye' });
closePort();
process.exit(0);
