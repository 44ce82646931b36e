/** What a fast end counts, on pipes instead of a TUN interface and a socket. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCsa } from '../../../src/helper/csa.ts';
import { endStation } from '../../../src/helper/end/station.ts';
import { close } from '../../../src/host/libc.ts';
import { openPair, receivePacket, writePacket } from '../../../src/host/raw-socket.ts';
import { type Csa, seal } from '../../../src/mlipsec/index.ts';
import { tunnelKeys } from '../build/keys.ts';
import { HA, HA_INNER, MN, MN_INNER, tunnelAt } from '../build/nodes.ts';
import { cut } from './packets.ts';

const WIRE_HEADERS = 28;
let [tun, esp]: [number, number][] = [];
let csa: Csa;

beforeEach(() => {
  [tun, esp] = [openPair(), openPair()];
  csa = makeCsa(tunnelKeys('tun0', HA, MN).send, 'send');
});
afterEach(() => {
  csa.destroy();
  for (const fd of [...tun!, ...esp!]) close(fd);
});

function station(fd: number) {
  const tunnel = tunnelAt('mn', { encapsulation: 'udp', speed: 'fast' });
  const made = endStation({ role: 'in', tunnel, fds: { tun: fd, raw: -1, esp: esp![0], plain: null }, profile: false });
  made.setKeys({ do: 'keys', tunnel: tunnelKeys('tun0', MN, HA) });
  return made;
}

/** Three segments that become one packet, and one of another flow; octets inner and on the wire. */
function sent(): { packets: number; innerOctets: number; wireOctets: number } {
  const flow = { src: HA_INNER, dst: MN_INNER };
  const packets = [
    ...cut({ ...flow, payload: new Uint8Array(2500) }, 1000),
    ...cut({ ...flow, seq: 9, payload: new Uint8Array(70) }, 1000),
  ];
  const count = { packets: 0, innerOctets: 0, wireOctets: 0 };
  for (const packet of packets) {
    const out = new Uint8Array(2048);
    const sealed = seal(csa, packet, out);
    if (!sealed.ok) throw new Error(sealed.reason);
    expect(writePacket(esp![1], out, sealed.length)).toBe(sealed.length);
    count.packets += 1;
    count.innerOctets += packet.length;
    count.wireOctets += sealed.length + WIRE_HEADERS;
  }
  return count;
}

test('packets that are put together count each', () => {
  const fast = station(tun![0]);
  const count = sent();
  expect(count.packets).toBe(4);
  fast.sources[0]!.take();
  expect(fast.statistics().tunnel!.in).toMatchObject({ ...count, byMode: { mml: 4 }, refused: {} });
  const frames = [0, 0, 0].map(() => receivePacket(tun![1], new Uint8Array(65_600)) > 0);
  expect(frames).toEqual([true, true, false]);
});

test('what the TUN interface does not take did not arrive', () => {
  const fast = station(-1);
  sent();
  fast.sources[0]!.take();
  expect(fast.statistics().tunnel!.in).toMatchObject({ packets: 0, innerOctets: 0, wireOctets: 0, refused: { 'tun-failed': 4 } });
});
