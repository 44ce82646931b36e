/** Packets round an end whose TUN interface and sockets are pipes: out, across, and in again. */
import { close } from '../../host/libc.ts';
import { openPair, receivePacket, writePacket } from '../../host/raw-socket.ts';
import type { HelperTunnel } from '../../types/helper.ts';
import { ipv4 } from '../address.ts';
import { type EndJob, endStation } from '../end/station.ts';
import { FIXED, MOBILE, SUITES, tcpPacket, warmKeys } from './material.ts';

/** packets per suite: beyond these they take no less time each */
const ROUNDS = 500;
const EVERYTHING = '0.0.0.0/0';
/** with payload and without, as TCP's data and ACKs are; more would only make ciphers work */
const SIZES = [256, 0];
const IP_IN_IP = 4;
const UDP = 17;
/** IPv4's and its own */
const UDP_HEADERS = 28;

/** Runs the code of a job's data path until it is compiled. */
export function warmUpEnd({ role, tunnel, profile }: Pick<EndJob, 'role' | 'tunnel' | 'profile'>, rounds = ROUNDS): void {
  const [tun, raw, esp, plain] = [openPair(), openPair(), openPair(), openPair()];
  const inner: HelperTunnel = { ...tunnel, localInner: EVERYTHING, remoteInner: EVERYTHING, local: FIXED, remote: MOBILE };
  const fds = { tun: tun[0], raw: raw[0], esp: esp[0], plain: tunnel.dynamic === null ? null : plain[0] };
  const packet = new Uint8Array(2048);
  const packets = SIZES.map((length) => tcpPacket({ source: ipv4(FIXED), destination: ipv4(MOBILE), seq: 1, ack: 1, length }));
  try {
    for (const suite of tunnel.mode === 'transport' ? SUITES.filter(({ boundaries }) => boundaries.length === 0) : SUITES) {
      const station = endStation({ role: 'both', tunnel: inner, fds, profile, address: null });
      const [out, ...ins] = station.sources;
      const keys = warmKeys(suite);
      const ordinary = tunnel.dynamic === null ? null : warmKeys({ suite: suite.suite, boundaries: [], bind: 'none' });
      station.setKeys({
        do: 'keys',
        tunnel: { tunnel: tunnel.name, send: keys, receive: keys, ipsec: ordinary && { send: ordinary, receive: ordinary } },
      });
      for (let round = 0; round < rounds; round++) {
        const next = packets[round % packets.length]!;
        writePacket(tun[1], next, next.length);
        out!.take();
        const length = receivePacket(raw[1], packet);
        if (role === 'out' || length <= 0) continue;
        // a UDP socket hands over no headers
        const at = packet[9] === UDP ? UDP_HEADERS : 0;
        writePacket(packet[9] === IP_IN_IP ? plain[1] : esp[1], packet.subarray(at), length - at);
        for (const one of ins) one.take();
        receivePacket(tun[1], packet);
      }
      station.close();
    }
  } finally {
    for (const fd of [tun, raw, esp, plain].flat()) close(fd);
  }
}
