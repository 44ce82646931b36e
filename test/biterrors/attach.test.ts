import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attachBitErrors } from '../../src/biterrors/attach.ts';
import { BitErrorModel } from '../../src/biterrors/model.ts';
import { attachXdp, loadXdp } from '../../src/host/bpf.ts';
import { BpfAssembler } from '../../src/host/bpf-assembler.ts';
import { bind, close, inNetworkNamespace, interfaceIndex, poll, receive, SOCK, sendTo, socket } from '../../src/host/libc.ts';
import { prng } from '../../src/host/random.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { twoNodes } from '../host/two-nodes.ts';

const AF_PACKET = 17;
const ALL = 0x0300; // ETH_P_ALL, big-endian
const SOCK_RAW_NOW = SOCK.RAW | 0x800;

const frame = (ethertype: number, octets: number, number: number): Buffer => {
  const all = Buffer.alloc(14 + octets, 0x45);
  all.write('020000000002020000000001', 'hex');
  all.writeUInt16BE(ethertype, 12);
  if (octets >= 20) all.writeUInt32BE(number, 14 + 16);
  return all;
};

describe.runIf(process.getuid?.() === 0)('as root', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await twoNodes();
    for (const node of ['ours', 'theirs']) {
      await lab.exec(node, ['sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1']).catch(() => {});
      await lab.exec(node, ['ip', 'link', 'set', 'dev', 'eth0', 'up', 'mtu', '9000', 'arp', 'off']);
    }
  });
  afterAll(() => lab.close());

  const at = (node: string) => ({ netnsPath: lab.netnsPath(node), interface: 'eth0' });

  /** Numbers of the packets, of these lengths and types, that a capture at the other end sees. */
  function cross(packets: { ethertype: number; octets: number }[]): number[] {
    const open = (node: string) =>
      inNetworkNamespace(lab.netnsPath(node), () => {
        const fd = socket(AF_PACKET, SOCK_RAW_NOW, ALL);
        const address = Buffer.alloc(20);
        address.writeUInt16LE(AF_PACKET, 0);
        address.writeUInt16LE(ALL, 2);
        address.writeInt32LE(interfaceIndex(fd, 'eth0'), 4);
        bind(fd, address);
        return { fd, address };
      });
    const [sender, receiver] = [open('ours'), open('theirs')];
    const seen: number[] = [];
    const buffer = Buffer.alloc(10_000);
    const drain = () => {
      while (receive(receiver.fd, buffer) > 0) seen.push(buffer.readUInt32BE(30));
    };
    try {
      for (const [number, { ethertype, octets }] of packets.entries()) {
        const one = frame(ethertype, octets, number);
        expect(sendTo(sender.fd, one, sender.address)).toBe(one.length);
        if (number % 16 === 15 && poll([receiver.fd], 10e6)) drain();
      }
      while (poll([receiver.fd], 100e6)) drain();
    } finally {
      close(sender.fd);
      close(receiver.fd);
    }
    return seen;
  }

  test.each([1, 0, 0xffff_ffff])('the kernel loses the packets the model with seed %i loses, and no others', (seed) => {
    const random = prng(99);
    const packets = Array.from({ length: 2000 }, () => ({
      ethertype: [0x0800, 0x0800, 0x86dd, 0x0806][Math.floor(random() * 4)]!,
      octets: 20 + Math.floor(random() * (random() < 0.1 ? 8980 : 1480)),
    }));
    const model = new BitErrorModel(2e-5, seed);
    const predicted = packets.flatMap(({ ethertype, octets }, i) => (ethertype === 0x0806 || !model.loses(octets) ? [i] : []));
    const errors = attachBitErrors({ ...at('theirs'), ber: 2e-5, seed });
    try {
      expect(cross(packets)).toEqual(predicted);
      const ip = packets.filter(({ ethertype }) => ethertype !== 0x0806).length;
      const dropped = packets.length - predicted.length;
      expect(dropped).toBeGreaterThan(100);
      expect(errors.counts()).toEqual({ passed: ip - dropped, dropped });
    } finally {
      errors.close();
    }
    const last = errors.counts();
    errors.close();
    expect(cross(packets.slice(0, 100))).toHaveLength(100);
    expect(errors.counts()).toEqual(last);
  });

  test('no errors lose nothing, and nearly certain ones everything but ARP', () => {
    const packets = Array.from({ length: 50 }, (_, i) => ({ ethertype: i % 2 === 0 ? 0x0800 : 0x0806, octets: 100 }));
    for (const [ber, arrive] of [
      [0, 50],
      [0.99, 25],
    ] as const) {
      const errors = attachBitErrors({ ...at('theirs'), ber, seed: 1 });
      try {
        expect(cross(packets)).toHaveLength(arrive);
      } finally {
        errors.close();
      }
    }
  });

  test('what cannot be is said, and leaves nothing attached', () => {
    expect(() => attachBitErrors({ ...at('theirs'), ber: 1, seed: 1 })).toThrow(RangeError);
    expect(() => attachBitErrors({ ...at('theirs'), interface: 'none0', ber: 0, seed: 1 })).toThrow(/bit errors at none0: .*ENODEV/);
    expect(() => attachBitErrors({ netnsPath: '/nowhere', interface: 'eth0', ber: 0, seed: 1 })).toThrow(/\/nowhere/);
    const first = attachBitErrors({ ...at('theirs'), ber: 0.99, seed: 1 });
    expect(() => attachBitErrors({ ...at('theirs'), ber: 0, seed: 1 })).toThrow(/bit errors at eth0: bpf: cannot attach.*EBUSY/);
    first.close();
    attachBitErrors({ ...at('theirs'), ber: 0, seed: 1 }).close();
  });

  test('a program the verifier refuses is refused with what it says', () => {
    const endless = new BpfAssembler().loadFrom(32, 2, 1, 0).loadFrom(64, 0, 2, 0).exit(2).assemble();
    expect(() => loadXdp('wild', endless)).toThrow(/cannot load a program \(the verifier says: .*invalid access to packet.*EACCES/s);
    expect(() => attachXdp(99_999, 1)).toThrow(/cannot attach.*EBADF/);
  });
});
