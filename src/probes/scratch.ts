/** The scratch lab of the probes: two nodes, `pa` and `pb`, one veth pair, static neighbours, IPv6 off. */
import {
  AF,
  bind,
  close,
  inNetworkNamespace,
  nanosecondsSince,
  poll,
  receive,
  SOCK,
  sendTo,
  setOption,
  socket,
  socketAddress,
} from '../host/libc.ts';
import { Lab } from '../lab/lab.ts';

export const A = '10.0.0.1';
export const B = '10.0.0.2';
const IPPROTO_IP = 0;
const IP_TOS = 1;
const MACS = { pa: '02:00:00:00:00:01', pb: '02:00:00:00:00:02' } as const;

export class Scratch {
  readonly lab = new Lab(`doctor-${process.pid}`);

  async open(): Promise<void> {
    await this.lab.open();
    const link = 'link add name eth0 netns pa address 02:00:00:00:00:01 type veth peer name eth0 netns pb address 02:00:00:00:00:02';
    await this.ip(null, ['netns add pa', 'netns add pb', link]);
    for (const [node, own, peer, mac] of [
      ['pa', A, B, MACS.pb],
      ['pb', B, A, MACS.pa],
    ] as const) {
      await this.lab.exec(node, ['sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1']).catch(() => {});
      await this.ip(node, [
        'link set dev lo up',
        `addr add ${own}/24 dev eth0`,
        'link set dev eth0 up',
        `neigh replace ${peer} lladdr ${mac} dev eth0 nud permanent`,
      ]);
    }
  }

  async ip(node: string | null, lines: string[]): Promise<void> {
    await this.lab.exec(null, ['ip', ...(node === null ? [] : ['-n', node]), '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  async tc(node: string, line: string): Promise<void> {
    await this.lab.exec(null, ['tc', '-n', node, '-batch', '-'], { input: `${line}\n` });
  }

  /** Sends `count` numbered UDP packets from pa to pb; returns the numbers (from 1) that arrived within a second, in that order. */
  exchange(count: number, tos?: (number: number) => number): number[] {
    const port = 4242;
    const receiver = inNetworkNamespace(this.lab.netnsPath('pb'), () => {
      const fd = socket(AF.INET, SOCK.DGRAM, 0);
      bind(fd, socketAddress(B, port));
      return fd;
    });
    const sender = inNetworkNamespace(this.lab.netnsPath('pa'), () => {
      const fd = socket(AF.INET, SOCK.DGRAM, 0);
      bind(fd, socketAddress(A, 0));
      return fd;
    });
    const arrived: number[] = [];
    try {
      const packet = Buffer.alloc(64);
      const epoch = Math.floor(Date.now() / 1000);
      for (let i = 1; i <= count; i++) {
        packet.writeUInt32BE(i, 0);
        if (tos !== undefined) setOption(sender, IPPROTO_IP, IP_TOS, tos(i));
        sendTo(sender, packet, socketAddress(B, port));
      }
      const end = nanosecondsSince(epoch) + 1e9;
      const buffer = Buffer.alloc(256);
      while (arrived.length < count && nanosecondsSince(epoch) < end) {
        if (!poll([receiver], 100e6)) break;
        while (receive(receiver, buffer) > 0) arrived.push(buffer.readUInt32BE(0));
      }
    } finally {
      close(sender);
      close(receiver);
    }
    return arrived;
  }
}
