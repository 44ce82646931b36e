/**
 * What a kernel can do, proved by doing it in a scratch lab. Each probe names the CONFIG symbol or package behind the feature and what
 * roamlab does without it. The same probes run on the host and inside the guest.
 */

import { stopCapture } from '../capture/stop.ts';
import { LISTENING } from '../capture/tcpdump.ts';
import { capabilities } from '../host/capabilities.ts';
import { AF, bind, close, connect, createTun, inNetworkNamespace, listen, openDevice, SOCK, socket, socketAddress } from '../host/libc.ts';
import { programPath } from '../host/packages.ts';
import { IPPROTO_MPTCP, IPPROTO_SCTP, speaksMptcp } from '../host/stream-socket.ts';
import { waitFor } from '../host/wait.ts';
import { CHARON_CONF, strongswanConf, VICI_SOCKET } from '../ipsec/config.ts';
import { Vici } from '../ipsec/vici.ts';
import type { ProbeResult } from '../types/probe.ts';
import { A, B, Scratch } from './scratch.ts';
import { tbf } from './tbf.ts';
import { xdp } from './xdp.ts';

interface Probe {
  symbol: string;
  otherwise: string;
  /** returns what was seen; throws why not */
  check: (scratch: Scratch) => Promise<string>;
}

const VM = 'experiments that need it run in the guest (`--backend vm`)';

async function esp(scratch: Scratch, family: 4 | 6): Promise<string> {
  const [a, b] = family === 4 ? [A, B] : ['fd00::1', 'fd00::2'];
  if (family === 6) {
    for (const [node, own] of [
      ['pa', a],
      ['pb', b],
    ] as const) {
      await scratch.lab.exec(node, ['sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=0']);
      await scratch.ip(node, [`addr replace ${own}/64 dev eth0 nodad`]);
    }
  }
  const keys = 'auth-trunc hmac(sha1) 0x0102030405060708090a0b0c0d0e0f1011121314 96 enc cbc(aes) 0x000102030405060708090a0b0c0d0e0f';
  const state = `xfrm state add src ${a} dst ${b} proto esp spi 0x1000 reqid 1 mode transport ${keys}`;
  const policy = (direction: string) =>
    `xfrm policy add src ${a} dst ${b} dir ${direction} tmpl src ${a} dst ${b} proto esp reqid 1 mode transport`;
  await scratch.ip('pa', [state, policy('out')]);
  await scratch.ip('pb', [state, policy('in')]);
  try {
    if (family === 4 && scratch.exchange(1).length !== 1) throw new Error('the SA was accepted but no packet passed it');
    return family === 4 ? 'a packet crossed an AES-CBC/HMAC-SHA1 SA' : 'an AES-CBC/HMAC-SHA1 SA was installed';
  } finally {
    for (const node of ['pa', 'pb']) await scratch.ip(node, ['xfrm state flush', 'xfrm policy flush']);
  }
}

/** Connects a socket to another one; whether they speak MPTCP. */
function onLoopback(scratch: Scratch, protocol: number): boolean {
  return inNetworkNamespace(scratch.lab.netnsPath('pa'), () => {
    const [server, client] = [socket(AF.INET, SOCK.STREAM, protocol), socket(AF.INET, SOCK.STREAM, protocol)];
    try {
      bind(server, socketAddress('127.0.0.1', 4243));
      listen(server);
      connect(client, socketAddress('127.0.0.1', 4243));
      return speaksMptcp(client);
    } finally {
      close(client);
      close(server);
    }
  });
}

async function netemSeed(scratch: Scratch): Promise<string> {
  if (!(await capabilities()).netemSeed) throw new Error('this tc does not know `seed`');
  await scratch.tc('pa', 'qdisc add dev eth0 root netem loss 10% seed 42424242');
  try {
    const arrived = new Set(scratch.exchange(25));
    const lost = Array.from({ length: 25 }, (_, i) => i + 1).filter((n) => !arrived.has(n));
    // the vector of the kernel's own submission of seeded netem (August 2023)
    if (lost.join() !== '5,12,24')
      throw new Error(`seed 42424242 at 10 % loss dropped packets ${lost.join(', ') || 'none'} of 25, not 5, 12, 24`);
    return 'seed 42424242 at 10 % loss dropped packets 5, 12 and 24 of 25, as it must';
  } finally {
    await scratch.tc('pa', 'qdisc del dev eth0 root');
  }
}

async function charon(scratch: Scratch): Promise<string> {
  const path = programPath('charon');
  if (path === null) throw new Error('no charon executable');
  await scratch.lab.privateRun('pa');
  scratch.lab.write('pa', CHARON_CONF, strongswanConf({ keys: 'off' }), 0o600);
  const daemon = scratch.lab.start('pa', [path], { STRONGSWAN_CONF: CHARON_CONF });
  const answer = await waitFor('charon', async () => {
    if (!daemon.running) throw new Error(`charon ended: ${daemon.stderr.trim().split('\n').at(-1) ?? ''}`);
    const vici = await Vici.connect(scratch.lab.path('pa', VICI_SOCKET)).catch(() => null);
    if (vici === null) return null;
    return vici.request('version').finally(() => vici.close());
  });
  return `${String(answer.daemon)} ${String(answer.version)} answers on vici`;
}

const PROBES: Record<string, Probe> = {
  netns: { symbol: 'CONFIG_NET_NS, root', otherwise: VM, check: async () => 'a lab of namespaces opened' },
  veth: {
    symbol: 'CONFIG_VETH',
    otherwise: VM,
    check: async (s) => (s.exchange(3).length === 3 ? '3 of 3 packets crossed' : Promise.reject(new Error('packets lost'))),
  },
  dummy: {
    symbol: 'CONFIG_DUMMY',
    otherwise: VM,
    check: async (s) => {
      await s.ip('pa', ['link add name dm0 type dummy', 'link del dev dm0']);
      return 'created and removed';
    },
  },
  netem: {
    symbol: 'CONFIG_NET_SCH_NETEM',
    otherwise: VM,
    check: async (s) => {
      await s.tc('pa', 'qdisc add dev eth0 root netem limit 1000 delay 1000us rate 10mbit');
      await s.tc('pa', 'qdisc del dev eth0 root');
      return 'delay and rate set and removed';
    },
  },
  'netem-seed': { symbol: 'kernel and iproute2 6.6 or newer', otherwise: 'loss and jitter differ from run to run', check: netemSeed },
  tbf: { symbol: 'CONFIG_NET_SCH_TBF, CONFIG_NET_SCH_PRIO, CONFIG_NET_CLS_U32', otherwise: VM, check: tbf },
  xfrm: {
    symbol: 'CONFIG_XFRM_USER',
    otherwise: VM,
    check: async (s) => {
      await s.ip('pa', [`xfrm policy add src ${A} dst ${B} dir out`, 'xfrm policy flush']);
      return 'a policy set and removed';
    },
  },
  esp4: { symbol: 'CONFIG_INET_ESP', otherwise: VM, check: (s) => esp(s, 4) },
  esp6: { symbol: 'CONFIG_INET6_ESP', otherwise: VM, check: (s) => esp(s, 6) },
  sctp: {
    symbol: 'CONFIG_IP_SCTP',
    otherwise: VM,
    check: async (s) => {
      onLoopback(s, IPPROTO_SCTP);
      return 'an association on loopback';
    },
  },
  mptcp: {
    symbol: 'CONFIG_MPTCP',
    otherwise: VM,
    check: async (s) => {
      if (!onLoopback(s, IPPROTO_MPTCP)) throw new Error('the connection fell back to TCP');
      return 'a connection on loopback';
    },
  },
  wireguard: {
    symbol: 'CONFIG_WIREGUARD',
    otherwise: VM,
    check: async (s) => {
      await s.ip('pa', ['link add name wg0 type wireguard', 'link del dev wg0']);
      return 'an interface created and removed';
    },
  },
  nodad: {
    symbol: 'CONFIG_IPV6',
    otherwise: 'IPv6 experiments cannot run',
    check: async (s) => {
      await s.lab.exec('pa', ['sysctl', '-q', '-w', 'net.ipv6.conf.eth0.disable_ipv6=0']);
      await s.ip('pa', ['addr add fd00:1::1/64 dev eth0 nodad']);
      const { stdout } = await s.lab.exec(null, ['ip', '-n', 'pa', '-6', 'addr', 'show', 'dev', 'eth0']);
      if (/fd00:1::1.*tentative/.test(stdout)) throw new Error('the address is tentative');
      return 'an IPv6 address usable at once';
    },
  },
  tun: {
    symbol: 'CONFIG_TUN',
    otherwise: VM,
    check: async (s) =>
      inNetworkNamespace(s.lab.netnsPath('pa'), () => {
        const fd = openDevice('/dev/net/tun');
        try {
          createTun(fd, 'probe0');
          return 'created';
        } finally {
          close(fd);
        }
      }),
  },
  xdp: { symbol: 'CONFIG_BPF_SYSCALL', otherwise: VM, check: xdp },
  capture: {
    symbol: 'CONFIG_PACKET, package tcpdump',
    otherwise: VM,
    check: async (s) => {
      const dump = s.lab.start('pb', [
        'tcpdump',
        '-i',
        'eth0',
        '-n',
        '--immediate-mode',
        '-Z',
        'root',
        '--time-stamp-precision=nano',
        '-w',
        '/dev/null',
        'udp',
      ]);
      await waitFor('tcpdump', () => {
        if (!dump.running) throw new Error(dump.stderr.trim());
        return LISTENING.test(dump.stderr);
      });
      s.exchange(2);
      const counts = await stopCapture(dump);
      if (counts?.captured !== 2) throw new Error(`captured ${counts?.captured ?? 'nothing'} of 2 packets`);
      return '2 of 2 packets, nanosecond stamps';
    },
  },
  charon: { symbol: 'package strongswan-charon', otherwise: VM, check: charon },
};

export const FEATURES = Object.keys(PROBES);

/** Proves each feature; never throws. Unknown names are reported as missing. */
export async function probeFeatures(names: readonly string[] = FEATURES): Promise<ProbeResult[]> {
  const scratch = new Scratch();
  const results: ProbeResult[] = [];
  let closed: string | null = null;
  try {
    await scratch.open();
  } catch (error) {
    closed = (error as Error).message.split('\n')[0] ?? 'no lab';
  }
  try {
    for (const name of names) {
      const probe = PROBES[name];
      const symbol = probe?.symbol ?? 'unknown feature';
      const otherwise = probe?.otherwise ?? '';
      try {
        if (probe === undefined) throw new Error('no such probe');
        if (closed !== null) throw new Error(closed);
        results.push({ name, ok: true, symbol, otherwise, detail: await probe.check(scratch) });
      } catch (error) {
        const message = (error as Error).message;
        const said =
          message.split('\n').find((line) => /^(Error|RTNETLINK|tc|ip):? |Unknown|not /.test(line) && !line.includes('nsenter')) ??
          message.split('\n')[0];
        results.push({ name, ok: false, symbol, otherwise, detail: said ?? '' });
      }
    }
  } finally {
    await scratch.lab.close();
  }
  return results;
}
