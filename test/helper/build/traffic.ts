/** UDP and TCP between nodes, with payload that is checked octet by octet. */
import { createHash } from 'node:crypto';
import {
  AF,
  bind,
  close,
  inNetworkNamespace,
  poll,
  receive,
  SOCK,
  SOL_SOCKET,
  sendTo,
  setOption,
  socket,
  socketAddress,
} from '../../../src/host/libc.ts';
import { waitFor } from '../../../src/host/wait.ts';
import type { Lab } from '../../../src/lab/lab.ts';

const SO_RCVBUFFORCE = 33;
const PORT = 4242;
/** packets sent before those that arrived are looked at */
const ROW = 32;

export interface Place {
  node: string;
  address: string;
}

/** The payload of packet `i`; as long as `size`, at least 4 octets. */
export function payloadOf(i: number, size: number): Buffer {
  const payload = Buffer.alloc(size);
  for (let at = 0; at < size; at++) payload[at] = (i * 31 + at * 7) & 0xff;
  payload.writeUInt32BE(i, 0);
  return payload;
}

/**
 * Sends one UDP packet per size (octets of payload, at least 4) and returns the sizes of those that did not arrive as they were. Sends again
 * nothing; `ms` is how long the last row is waited for.
 */
export function exchangeUdp({ lab }: { lab: Lab }, from: Place, to: Place, sizes: readonly number[], ms = 20_000): number[] {
  const at = ({ node, address }: Place, port: number) =>
    inNetworkNamespace(lab.netnsPath(node), () => {
      const fd = socket(AF.INET, SOCK.DGRAM, 0);
      setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20);
      bind(fd, socketAddress(address, port));
      return fd;
    });
  const receiver = at(to, PORT);
  const sender = at(from, 0);
  const arrived = new Set<number>();
  const buffer = Buffer.alloc(65_536);
  const take = (): void => {
    for (let got = receive(receiver, buffer); got > 0; got = receive(receiver, buffer)) {
      const i = buffer.readUInt32BE(0);
      if (got === sizes[i] && payloadOf(i, got).equals(buffer.subarray(0, got))) arrived.add(i);
    }
  };
  try {
    for (const [i, size] of sizes.entries()) {
      sendTo(sender, payloadOf(i, size), socketAddress(to.address, PORT));
      // no queue of 500 packets shall overflow
      if (i % ROW === ROW - 1) {
        const end = performance.now() + ms;
        while (arrived.size < i + 1 && performance.now() < end && poll([receiver], ms * 1e6)) take();
      }
    }
    const end = performance.now() + ms;
    while (arrived.size < sizes.length && performance.now() < end && poll([receiver], ms * 1e6)) take();
    return sizes.filter((_, i) => !arrived.has(i));
  } finally {
    close(receiver);
    close(sender);
  }
}

const SERVER = `
import net from 'node:net'; import { createHash } from 'node:crypto';
net.createServer((s) => { const h = createHash('sha256'); s.on('data', (d) => h.update(d)); s.on('end', () => s.end(h.digest('hex'))); })
  .listen(5001, process.argv[1], () => console.error('listening'));`;
const CLIENT = `
import net from 'node:net';
const data = Buffer.alloc(Number(process.argv[3]), (i) => i); for (let i = 0; i < data.length; i++) data[i] = (i * 7 + (i >> 10)) & 255;
const s = net.connect({ host: process.argv[2], port: 5001, localAddress: process.argv[1] }, () => s.end(data));
s.on('data', (d) => process.stdout.write(d)); s.on('error', (e) => { console.error(e.message); process.exit(1); });`;

/** Sends `octets` over TCP; throws when others arrive than were sent. */
export async function exchangeTcp({ lab }: { lab: Lab }, from: Place, to: Place, octets: number): Promise<void> {
  const node = [process.execPath, '--input-type=module', '-e'];
  const server = lab.start(to.node, [...node, SERVER, to.address]);
  try {
    await waitFor('the TCP server', () => server.stderr.includes('listening'), { timeout: 60_000 });
    const { stdout } = await lab.exec(from.node, [...node, CLIENT, from.address, to.address, String(octets)], { timeout: 60_000 });
    const data = Buffer.alloc(octets);
    for (let i = 0; i < octets; i++) data[i] = (i * 7 + (i >> 10)) & 255;
    const expected = createHash('sha256').update(data).digest('hex');
    if (stdout !== expected) throw new Error(`other octets arrived than were sent: ${stdout}`);
  } finally {
    server.signal('SIGKILL');
    await server.ended();
  }
}
