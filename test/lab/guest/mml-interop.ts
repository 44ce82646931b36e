/**
 * A guest program: the helper at one end, the kernel's ESP at the other, with every suite both know, in tunnel and in transport mode, both
 * ways; then two helpers in dynamic mode. Each case is reported by name; some packets are captured for the host to decrypt.
 */
import { readFileSync } from 'node:fs';
import { HelperClient } from '../../../src/helper/client.ts';
import { waitFor } from '../../../src/host/wait.ts';
import { Lab } from '../../../src/lab/lab.ts';
import { maxInner, ONE_ZONE, type Suite, splitKeys, suiteNamed } from '../../../src/mlipsec/index.ts';
import type { HelperTunnel } from '../../../src/types/helper.ts';
import type { CsaKeys } from '../../../src/types/keys.ts';
import { closePort, send } from '../../../src/vm/guest/port.ts';
import { tunnelKeys } from '../../helper/build/keys.ts';
import { exchangeUdp } from '../../helper/build/traffic.ts';

const [OURS, THEIRS] = ['10.0.0.1', '10.0.0.2'];
const [OUR_INNER, THEIR_INNER] = ['10.10.0.2', '10.9.0.1'];
const LEAST = 4;
const IP_UDP = 28;
const MTU = 1500;
/** protocols by number: there is no /etc/protocols */
const UDP = 17;
/** packets whose ciphertext the host gets to see */
const SHOWN = 12;

const { packets, suites } = JSON.parse(readFileSync('/roamlab/job.json', 'utf8')) as { packets: number; suites: string[] };

const lab = new Lab('interop');
const ip = (node: string | null, ...lines: string[]) =>
  lab.exec(null, ['ip', ...(node === null ? [] : ['-n', node]), '-batch', '-'], { input: `${lines.join('\n')}\n` });

/** Sizes one after the other, from the least to the largest that fits, again and again. */
const sizes = (most: number, count: number): number[] => Array.from({ length: count }, (_, i) => LEAST + (i % (most - LEAST + 1)));

/** Algorithms as `ip xfrm` names them. */
function algorithms(suite: Suite, material: string): string {
  const { enc, salt, auth } = splitKeys(suite, Buffer.from(material, 'hex'));
  const hex = (octets: Uint8Array) => (octets.length === 0 ? '""' : `0x${Buffer.from(octets).toString('hex')}`);
  if (suite.kind === 'aead') return `aead rfc4106(gcm(aes)) ${hex(Buffer.concat([enc, salt]))} ${suite.icv * 8}`;
  const cipher = suite.kind === 'null' ? 'ecb(cipher_null)' : suite.cipher.startsWith('des') ? 'cbc(des3_ede)' : 'cbc(aes)';
  return `enc ${cipher} ${hex(enc)} auth-trunc hmac(${suite.hash}) ${hex(auth)} ${suite.icv * 8}`;
}

/** The kernel's side of a tunnel. */
async function kernelEsp(mode: 'tunnel' | 'transport', suite: Suite, ours: CsaKeys, theirs: CsaKeys): Promise<void> {
  const state = ({ src, dst, sas: [sa] }: CsaKeys) =>
    `xfrm state add src ${src} dst ${dst} proto esp spi 0x${sa!.spi.toString(16)} mode ${mode} replay-window 32 ${algorithms(suite, sa!.material)}`;
  const [own, other] = mode === 'tunnel' ? [THEIR_INNER, OUR_INNER] : [THEIRS, OURS];
  const policy = (from: string, to: string, dir: string, src: string, dst: string) =>
    `xfrm policy add src ${from}/32 dst ${to}/32 proto ${UDP} dir ${dir} tmpl src ${src} dst ${dst} proto esp mode ${mode}`;
  await ip('theirs', state(ours), state(theirs), policy(own, other, 'out', THEIRS, OURS), policy(other, own, 'in', OURS, THEIRS));
}

let started = 0;

/** A helper at a node, opened, with the routes of its tunnel. */
async function helper(node: 'ours' | 'theirs', more: Partial<HelperTunnel>): Promise<{ client: HelperClient; end: () => Promise<void> }> {
  started += 1;
  const path = `/tmp/helper-${started}.sock`;
  const running = lab.start(node, [process.execPath, '/roamlab/helper.mjs', path]);
  const alive = () => {
    if (!running.running) throw new Error(`the helper of ${node} ended: ${running.stderr}`);
  };
  const client = await HelperClient.connect(path, { alive });
  const [local, remote] = node === 'ours' ? [OURS, THEIRS] : [THEIRS, OURS];
  const [localInner, remoteInner] = node === 'ours' ? [OUR_INNER, THEIR_INNER] : [THEIR_INNER, OUR_INNER];
  const tunnel: HelperTunnel = {
    ...{ name: 'tun0', mode: 'tunnel', local, remote, localInner: `${localInner}/32`, remoteInner: `${remoteInner}/32`, mtu: 1400 },
    ...{ encapsulation: 'esp', speed: 'faithful', dynamic: null, ...more },
  };
  await client.open({ tunnels: [tunnel], agent: null, profile: false });
  if (tunnel.mode === 'tunnel')
    await ip(node, `addr replace ${localInner}/32 dev tun0`, `route replace ${remoteInner}/32 dev tun0 src ${localInner}`);
  else await ip(node, 'route add default dev tun0 table 101', `rule add to ${remote} ipproto ${UDP} table 101 priority 900`);
  const end = async () => {
    await client.stop();
    await running.ended();
  };
  return { client, end };
}

async function capture(file: string, what: () => Promise<void>): Promise<string> {
  const dump = lab.start('theirs', ['tcpdump', '-i', 'eth0', '-U', '-p', '-c', String(2 * SHOWN), '-w', file, 'esp']);
  await waitFor('tcpdump', () => dump.stderr.includes('listening on'));
  await what();
  await waitFor('the captured packets', () => !dump.running);
  return readFileSync(file).toString('base64');
}

async function against(mode: 'tunnel' | 'transport', name: string): Promise<void> {
  const suite = suiteNamed(name, { fidelity: true });
  const keys = tunnelKeys('tun0', OURS, THEIRS, { suite: name, boundaries: [], bind: 'none' });
  const most = mode === 'tunnel' ? maxInner('P', ONE_ZONE, [suite], MTU) - IP_UDP : maxInner('P', ONE_ZONE, [suite], MTU) - 8;
  await kernelEsp(mode, suite, keys.send, keys.receive);
  const { client, end } = await helper('ours', { mode, mtu: mode === 'tunnel' ? most + IP_UDP : MTU });
  await client.keys({ tunnels: [keys], agent: null });
  const ours = { node: 'ours', address: mode === 'tunnel' ? OUR_INNER : OURS };
  const theirs = { node: 'theirs', address: mode === 'tunnel' ? THEIR_INNER : THEIRS };
  const lost: number[] = [];
  const both = (list: number[]) => {
    for (const [from, to] of [
      [ours, theirs],
      [theirs, ours],
    ] as const)
      lost.push(...exchangeUdp({ lab }, from, to, list, 10_000));
  };
  const shown = Array.from({ length: SHOWN }, (_, i) => LEAST + i);
  const pcap = await capture(`/tmp/${mode}.pcap`, async () => both([...shown.slice(1), most]));
  const before = performance.now();
  both(sizes(most, packets));
  const seconds = (performance.now() - before) / 1000;
  const { tunnels } = await client.statistics();
  const xfrm = (await lab.exec('theirs', ['cat', '/proc/net/xfrm_stat'])).stdout;
  const errors = [...xfrm.matchAll(/^(\w+)\s+([1-9]\d*)$/gm)].map(([, counter = '', count]) => `${counter} ${count}`);
  send({
    type: 'said',
    value: { name: `${name}, ${mode}`, most, lost, counts: tunnels.tun0, errors, pcap, keys: [keys.send, keys.receive], seconds },
  });
  await end();
  await ip('theirs', 'xfrm policy flush', 'xfrm state flush');
  if (mode === 'transport') await ip('ours', `rule del priority 900`);
}

/** Messages of unreachable protocols and ports that a node has sent. */
async function complaints(): Promise<number> {
  const snmp = (await lab.exec('theirs', ['cat', '/proc/net/snmp'])).stdout;
  const [names = [], values = []] = [...snmp.matchAll(/^Icmp: (.*)$/gm)].map((line) => (line[1] ?? '').split(' '));
  return Number(values[names.indexOf('OutDestUnreachs')]);
}

/** Two helpers in dynamic mode: packets in clear are the kernel's to complain of, too. */
async function dynamic(): Promise<void> {
  const settings = { dynamic: { everyNth: 4, otherwise: 'plain' as const, perFlow: [] } };
  const [ours, theirs] = [await helper('ours', settings), await helper('theirs', settings)];
  const options = { ipsec: true };
  await ours.client.keys({ tunnels: [tunnelKeys('tun0', OURS, THEIRS, options)], agent: null });
  await theirs.client.keys({ tunnels: [tunnelKeys('tun0', THEIRS, OURS, options)], agent: null });
  const before = await complaints();
  const list = sizes(1400 - IP_UDP, 400);
  const lost = exchangeUdp({ lab }, { node: 'ours', address: OUR_INNER }, { node: 'theirs', address: THEIR_INNER }, list, 10_000);
  const { tunnels } = await theirs.client.statistics();
  const unreachable = (await complaints()) - before;
  send({ type: 'said', value: { name: 'dynamic', lost, counts: tunnels.tun0, unreachable } });
  await ours.end();
  await theirs.end();
}

try {
  await lab.open();
  await ip(null, 'netns add ours', 'netns add theirs', 'link add name eth0 netns ours type veth peer name eth0 netns theirs');
  for (const [node, address] of [
    ['ours', OURS],
    ['theirs', THEIRS],
  ] as const) {
    await lab.exec(node, ['sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1']);
    await ip(node, 'link set dev lo up', 'link set dev eth0 up', `addr add ${address}/24 dev eth0`);
  }
  await ip('theirs', `addr add ${THEIR_INNER}/32 dev lo`, `route add ${OUR_INNER}/32 via ${OURS} dev eth0 src ${THEIR_INNER}`);
  for (const mode of ['tunnel', 'transport'] as const) for (const suite of suites) await against(mode, suite);
  await dynamic();
} catch (error) {
  send({ type: 'said', value: { name: 'failed', message: error instanceof Error ? error.stack : String(error) } });
}
await lab.close();
send({ type: 'bye' });
closePort();
process.exit(0);
