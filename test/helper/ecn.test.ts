/** Congestion that a router noted on the way reaches the ends of the inner connection (RFC 6040 section 4.2). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ipv4 } from '../../src/helper/address.ts';
import { makeCsa } from '../../src/helper/csa.ts';
import { Descriptors, openEnd, UDP_PORT } from '../../src/helper/descriptors.ts';
import { endStation } from '../../src/helper/end/station.ts';
import { burst } from '../../src/helper/station.ts';
import { AF, bind, inNetworkNamespace, poll, SOCK, socket, socketAddress } from '../../src/host/libc.ts';
import { NotedReceiver } from '../../src/host/noted.ts';
import { noteTos, openSender, sendPacket } from '../../src/host/raw-socket.ts';
import { internetChecksum } from '../../src/mlipsec/checksum.ts';
import { seal, writeOuter } from '../../src/mlipsec/index.ts';
import { putU16 } from '../../src/mlipsec/octets.ts';
import type { HelperTunnel } from '../../src/types/helper.ts';
import { tunnelKeys } from './build/keys.ts';
import { HA, HA_INNER, MN, MN_INNER, missing, Nodes, tunnelAt } from './build/nodes.ts';

const why = missing();
const PORT = 4242;
const [ESP, UDP, IP_IN_IP] = [50, 17, 4];

/** An IPv4 packet with these octets behind its header. */
function packetOf(source: string, destination: string, protocol: number, tos: number, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  writeOuter(packet, { source: ipv4(source), destination: ipv4(destination), tos, payload: payload.length });
  packet[9] = protocol;
  putU16(packet, 10, 0);
  putU16(packet, 10, internetChecksum(packet, 0, 20));
  packet.set(payload, 20);
  return packet;
}

function udp(port: number, payload: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(8 + payload.length);
  putU16(datagram, 0, port);
  putU16(datagram, 2, port);
  putU16(datagram, 4, datagram.length);
  datagram.set(payload, 8);
  return datagram;
}

describe.skipIf(why !== null)(`with /dev/net/tun and root${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = new Nodes();
    await nodes.open();
  }, 90_000);
  afterAll(() => nodes.close());

  test.each<[string, number, Partial<HelperTunnel>]>([
    ['ESP', ESP, {}],
    ['ESP in UDP', UDP, { encapsulation: 'udp' }],
    ['ESP in UDP, in rows', UDP, { encapsulation: 'udp', speed: 'fast' }],
    ['in clear', IP_IN_IP, { dynamic: { everyNth: 5, otherwise: 'plain', perFlow: [] } }],
    ['ESP in UDP, dynamic', UDP, { encapsulation: 'udp', dynamic: { everyNth: 5, otherwise: 'plain', perFlow: [] } }],
  ])('%s', async (_, protocol, more) => {
    const descriptors = new Descriptors();
    const inside = <T>(node: string, what: () => T): T => inNetworkNamespace(nodes.lab.netnsPath(node), what);
    const tunnel = tunnelAt('mn', more);
    const fds = inside('mn', () => openEnd(descriptors, tunnel));
    const station = endStation({ role: 'both', tunnel, fds, profile: false });
    station.setKeys({ do: 'keys', tunnel: tunnelKeys('tun0', MN, HA, { ipsec: tunnel.dynamic !== null }) });
    const csa = makeCsa(tunnelKeys('tun0', HA, MN).send, 'send');
    try {
      await nodes.ip('mn', `addr add ${MN_INNER}/32 dev tun0`);
      const raw = descriptors.keep(inside('ha', () => openSender()));
      const application = inside('mn', () => descriptors.keep(socket(AF.INET, SOCK.DGRAM, 0)));
      bind(application, socketAddress(MN_INNER, PORT));
      noteTos(application);
      const receiver = new NotedReceiver(application);

      /** The TOS a packet arrives with; null: it does not arrive. */
      const across = (inner: number, outer: number): number | null => {
        const packet = packetOf(HA_INNER, MN_INNER, UDP, inner, udp(PORT, new Uint8Array(40)));
        const sealed = new Uint8Array(2048);
        const result = seal(csa, packet, sealed);
        if (!result.ok) throw new Error(result.reason);
        const esp = sealed.subarray(0, result.length);
        const payload = protocol === IP_IN_IP ? packet : protocol === UDP ? udp(UDP_PORT, esp) : esp;
        const whole = packetOf(HA, MN, protocol, outer, payload);
        expect(sendPacket(raw, whole, whole.length, socketAddress(MN, 0))).toBe(whole.length);
        const sources = station.sources.slice(1);
        expect(
          poll(
            sources.map(({ fd }) => fd),
            5e9,
          ),
        ).toBe(true);
        for (const source of sources) burst(source);
        return receiver.receive() > 0 ? receiver.tos : null;
      };
      // DSCP EF inside: the outer one is not taken over
      expect(across(0xb8 | 2, 0)).toBe(0xb8 | 2);
      expect(across(0xb8 | 2, 3)).toBe(0xb8 | 3);
      expect(across(1, 3)).toBe(3);
      expect(across(3, 2)).toBe(3);
      expect(across(2, 1)).toBe(1);
      expect(across(0, 2)).toBe(0);
      expect(across(0, 3)).toBeNull();
      expect(station.statistics().tunnel!.in).toMatchObject({ packets: 6, refused: { 'ce-on-not-ect': 1 } });
    } finally {
      csa.destroy();
      station.close();
      descriptors.close();
    }
  });
});
