/**
 * The thread that watches rtnetlink in the nodes where events happen and stamps each notification on the captures'
 * clock. It blocks in ppoll, so the stamp is taken as soon as the scheduler runs it.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { AF, becomeRealtime, bind, close, inNetworkNamespace, nanosecondsSince, poll, receive, SOCK, socket } from '../host/libc.ts';
import { describe, GROUPS } from './netlink.ts';
import type { MonitorAnswer, MonitorCommand, Notification } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('mobility/worker.ts runs as a worker thread');
const answer = (message: MonitorAnswer) => port.postMessage(message);
/** How long a stop command may wait, ns. */
const SLICE = 20e6;
becomeRealtime(20);

interface Watched {
  node: string;
  fd: number;
}

function listen(node: string, namespace: string, opened: Watched[]): void {
  inNetworkNamespace(namespace, () => {
    const fd = socket(AF.NETLINK, SOCK.RAW, 0);
    opened.push({ node, fd }); // before anything else can fail: an open socket keeps its namespace alive
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF.NETLINK, 0);
    address.writeUInt32LE(GROUPS, 8);
    bind(fd, address);
  });
}

function collect(epoch: number, sockets: readonly Watched[]): Notification[] {
  const seen: Notification[] = [];
  const buffer = Buffer.alloc(65_536);
  const fds = sockets.map((s) => s.fd);
  for (;;) {
    if (poll(fds, SLICE)) {
      const t = nanosecondsSince(epoch);
      for (const { node, fd } of sockets) {
        for (let got = receive(fd, buffer); got > 0; got = receive(fd, buffer)) {
          for (const what of describe(buffer.subarray(0, got))) seen.push({ t, node, what });
        }
      }
    } else if (receiveMessageOnPort(port as NonNullable<typeof port>) !== undefined) return seen;
  }
}

function watch(epoch: number, nodes: { node: string; namespace: string }[]): Notification[] {
  const sockets: Watched[] = [];
  try {
    for (const { node, namespace } of nodes) listen(node, namespace, sockets);
    answer({ did: 'watching' });
    return collect(epoch, sockets);
  } finally {
    for (const { fd } of sockets) close(fd);
  }
}

port.on('message', (command: MonitorCommand) => {
  try {
    // a stop that comes here follows a watch that failed
    answer({ did: 'saw', notifications: command.do === 'watch' ? watch(command.epoch, command.nodes) : [] });
  } catch (error) {
    answer({ did: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});
