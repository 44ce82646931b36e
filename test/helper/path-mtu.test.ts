/** ICMP that anyone can send says that the path has become narrow, or that nobody listens: the tunnel goes on, and never fragments. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ipv4 } from '../../src/helper/address.ts';
import { close, inNetworkNamespace, socketAddress } from '../../src/host/libc.ts';
import { openReceiver, openSender, receivePacket, sendPacket } from '../../src/host/raw-socket.ts';
import { internetChecksum } from '../../src/mlipsec/checksum.ts';
import { writeOuter } from '../../src/mlipsec/index.ts';
import { putU16, u16 } from '../../src/mlipsec/octets.ts';
import type { HelperTunnel } from '../../src/types/helper.ts';
import { tunnelKeys } from './build/keys.ts';
import { HA, HA_INNER, MN, MN_INNER, missing, Nodes, tunnelAt } from './build/nodes.ts';
import { exchangeUdp } from './build/traffic.ts';

const why = missing();
const [ESP, UDP, ICMP, NAT_PORT] = [50, 17, 1, 4500];
const UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const PORT = 3;
const NARROW = 552;
/** UDP payloads: several packets are longer than that */
const SIZES = [100, 700, 701, 1200];
const busy = 90_000;

/** What a router of whom nobody knows would say of a packet from `ha` to `mn`. */
function forged(protocol: number, code: number, mtu: number): Uint8Array {
  const packet = new Uint8Array(56);
  writeOuter(packet, { source: ipv4('203.0.113.9'), destination: ipv4(HA), payload: 36 });
  const quoted = packet.subarray(28);
  writeOuter(quoted, { source: ipv4(HA), destination: ipv4(MN), payload: 1000 });
  for (const [header, value] of [
    [packet, ICMP],
    [quoted, protocol],
  ] as const) {
    header[9] = value;
    putU16(header, 10, 0);
    putU16(header, 10, internetChecksum(header, 0, 20));
  }
  if (protocol === UDP) for (const at of [20, 22]) putU16(quoted, at, NAT_PORT);
  packet[20] = UNREACHABLE;
  packet[21] = code;
  putU16(packet, 26, mtu);
  putU16(packet, 22, internetChecksum(packet, 20, 36));
  return packet;
}

describe.skipIf(why !== null)(`with /dev/net/tun and root${why === null ? '' : ` (skipped: ${why})`}`, { timeout: busy }, () => {
  let nodes: Nodes;
  let sender: number;
  beforeAll(async () => {
    nodes = new Nodes();
    await nodes.open();
    sender = inNetworkNamespace(nodes.lab.netnsPath('fa'), () => openSender());
  }, busy);
  afterEach(() => nodes.clear(), busy);
  afterAll(async () => {
    close(sender);
    await nodes.close();
  }, busy);

  test.each([
    ['ESP', {}, ESP],
    ['UDP', { encapsulation: 'udp' }, UDP],
    ['UDP in rows', { encapsulation: 'udp', speed: 'fast' }, UDP],
  ] as [string, Partial<HelperTunnel>, number][])('%s', async (_, more, protocol) => {
    const [mn, ha] = await Promise.all([nodes.helper('mn'), nodes.helper('ha')]);
    await mn.client.open({ tunnels: [tunnelAt('mn', more)], agent: null, profile: false });
    await ha.client.open({ tunnels: [tunnelAt('ha', more)], agent: null, profile: false });
    await nodes.routes();
    await mn.client.keys({ tunnels: [tunnelKeys('tun0', MN, HA)], agent: null });
    await ha.client.keys({ tunnels: [tunnelKeys('tun0', HA, MN)], agent: null });
    const tap = inNetworkNamespace(nodes.lab.netnsPath('mn'), () => openReceiver(protocol, MN, HA));
    const say = (code: number, mtu = 0) => expect(sendPacket(sender, forged(protocol, code, mtu), 56, socketAddress(HA, 0))).toBe(56);
    const ends = [
      { node: 'ha', address: HA_INNER },
      { node: 'mn', address: MN_INNER },
    ] as const;
    try {
      await expect
        .poll(
          async () => {
            say(FRAGMENTATION_NEEDED, NARROW);
            return (await nodes.lab.exec('ha', ['ip', 'route', 'get', MN])).stdout;
          },
          { timeout: 30_000 },
        )
        .toContain(`mtu ${NARROW}`);
      expect(exchangeUdp(nodes, ...ends, SIZES)).toEqual([]);
      for (const size of SIZES) {
        for (const code of [PORT, FRAGMENTATION_NEEDED]) {
          say(code, NARROW);
          expect(exchangeUdp(nodes, ...ends, [size], 5000)).toEqual([]);
        }
      }
      expect((await ha.client.statistics()).tunnels.tun0!.out).toMatchObject({ packets: 3 * SIZES.length, refused: {} });
      const packet = new Uint8Array(65_536);
      let packets = 0;
      for (; receivePacket(tap, packet) > 0; packets++) expect(u16(packet, 6), 'flags and fragment offset').toBe(0x4000);
      expect(packets).toBeGreaterThan(0);
    } finally {
      close(tap);
    }
    await nodes.stop();
  });
});
