/** Opening an SCTP association or an MPTCP connection between two namespaces, from one thread. */

import { errnoText } from '../host/errno.ts';
import { AF, close, inNetworkNamespace, nanosecondsSince, SO_REUSEADDR, SOL_SOCKET, setOption, socketAddress } from '../host/libc.ts';
import { POLLIN, POLLOUT, PollSet } from '../host/poll-set.ts';
import { bindx, sctpNoDelay, setPrimary } from '../host/sctp.ts';
import {
  acceptStream,
  beginConnect,
  bindStream,
  boundPort,
  IPPROTO_MPTCP,
  IPPROTO_SCTP,
  listenStream,
  setBuffers,
  socketError,
  speaksMptcp,
  streamSocket,
} from '../host/stream-socket.ts';
import { isSix, wildcard } from './address.ts';
import type { StreamEnd, StreamEndpoint } from './protocol.ts';

/** An INIT that is lost is sent again after 3 s, then 6 s (RFC 9260 section 16, before it learns better). */
const OPEN_TIMEOUT = 20e9; // ns
/** Of it SCTP announces 4 MiB: the kernel doubles what is asked for, and offers half. */
const RECEIVE_BUFFER = 4 << 20;
/** Room for seconds of an outage, since a message must not wait for room when the flow has a rate... */
const SEND_BUFFER = 4 << 20;
/** ...and a short queue in front of a flow that always fills it. */
const BULK_SEND_BUFFER = 256 << 10;

export interface OpenStream {
  sender: number;
  receiver: number;
  /** stays open: further MPTCP subflows (RFC 8684 section 3.2) are taken where the first one was */
  listener: number;
  /** ports of the two ends */
  ports: Record<StreamEnd, number>;
}

/** Which addresses are whose: the same association, seen from the one who opens it. */
function ends(spec: StreamEndpoint) {
  const sender = { addresses: spec.sources, namespace: spec.fromNamespace };
  const receiver = { addresses: spec.destinations, namespace: spec.toNamespace };
  return spec.client === 'sender' ? { client: sender, server: receiver } : { client: receiver, server: sender };
}

/** A socket bound to `addresses`, all of them if it is of SCTP, on one port (0: any). */
function boundSocket(spec: StreamEndpoint, namespace: string, addresses: readonly string[], port: number): number {
  const [first = '0.0.0.0', ...others] = addresses;
  const sctp = spec.protocol === 'sctp';
  // SCTP takes IPv4 addresses beside IPv6 ones on a socket of IPv6
  const family = (sctp ? addresses.some(isSix) : isSix(first)) ? AF.INET6 : AF.INET;
  return inNetworkNamespace(namespace, () => {
    const fd = streamSocket(family, sctp ? IPPROTO_SCTP : IPPROTO_MPTCP);
    try {
      setBuffers(fd, spec.rate > 0 ? SEND_BUFFER : BULK_SEND_BUFFER, RECEIVE_BUFFER);
      noDelay(spec, fd);
      setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      bindStream(fd, socketAddress(first, port));
      const refused = sctp && others.length > 0 ? bindx(fd, 'add', others, boundPort(fd)) : 0;
      if (refused < 0) throw new Error(`bind to ${others.join(', ')}: ${errnoText(refused)}`);
      return fd;
    } catch (error) {
      close(fd); // an open socket would keep the namespace alive
      throw new Error(`socket on ${first} port ${port}: ${(error as Error).message}`, { cause: error });
    }
  });
}

function noDelay({ protocol }: StreamEndpoint, fd: number): void {
  if (protocol === 'sctp') sctpNoDelay(fd);
  else setOption(fd, 6, 1, 1); // SOL_TCP, TCP_NODELAY
}

/** Waits until `client` is connected and `listener` has accepted it; the accepted socket. */
function accepted(client: number, listener: number): number {
  const set = new PollSet(2);
  set.watch(0, client, POLLOUT);
  set.watch(1, listener, POLLIN);
  const epoch = Math.floor(Date.now() / 1000);
  const end = nanosecondsSince(epoch) + OPEN_TIMEOUT;
  let connected = false;
  let server: number | null = null;
  try {
    while (!connected || server === null) {
      const left = end - nanosecondsSince(epoch);
      if (left <= 0) throw new Error(`no answer for ${OPEN_TIMEOUT / 1e9} s`);
      if (!set.wait(left)) continue;
      if (set.ready(0)) {
        const error = socketError(client);
        if (error < 0) throw new Error(`connect: ${errnoText(error)}`);
        connected = true;
        set.rest(0);
      }
      if (set.ready(1)) {
        server = acceptStream(listener);
        if (server !== null) set.rest(1);
      }
    }
    return server;
  } catch (error) {
    if (server !== null) close(server);
    throw error;
  }
}

/** Sends to the first address of the peer from the beginning, whichever the INIT went to or came from. */
function choosePrimary(spec: StreamEndpoint, fd: number, addresses: readonly string[], port: number): void {
  const [first] = addresses;
  if (spec.protocol !== 'sctp' || first === undefined) return;
  const refused = setPrimary(fd, first, port);
  if (refused < 0) throw new Error(`${first} cannot be the primary address: ${errnoText(refused)}`);
}

function connectEnds(spec: StreamEndpoint, opened: number[]): OpenStream {
  const { client, server } = ends(spec);
  const [target = ''] = server.addresses;
  const keep = (fd: number): number => {
    opened.push(fd);
    return fd;
  };
  const any = wildcard(target);
  // a subflow to another address of the server is taken by the same listener
  const listens = spec.protocol === 'mptcp' && server.addresses.length > 1 ? [any] : server.addresses;
  const listener = keep(boundSocket(spec, server.namespace, listens, spec.port));
  listenStream(listener);
  const connecting = keep(boundSocket(spec, client.namespace, spec.anyAddress === true ? [any] : client.addresses, 0));
  beginConnect(connecting, socketAddress(target, spec.port));
  const answering = keep(accepted(connecting, listener));
  setBuffers(answering, spec.rate > 0 ? SEND_BUFFER : BULK_SEND_BUFFER, RECEIVE_BUFFER);
  noDelay(spec, answering);
  if (spec.protocol === 'mptcp' && !speaksMptcp(connecting)) throw new Error('it fell back to TCP');
  const clientPort = boundPort(connecting);
  choosePrimary(spec, connecting, server.addresses, spec.port);
  choosePrimary(spec, answering, client.addresses, clientPort);
  return spec.client === 'sender'
    ? { sender: connecting, receiver: answering, listener, ports: { sender: clientPort, receiver: spec.port } }
    : { sender: answering, receiver: connecting, listener, ports: { sender: spec.port, receiver: clientPort } };
}

/** Throws what the kernel said, or after 20 s without an answer; nothing stays open then. */
export function openStream(spec: StreamEndpoint): OpenStream {
  const opened: number[] = [];
  try {
    return connectEnds(spec, opened);
  } catch (error) {
    for (const fd of opened) close(fd);
    const { client, server } = ends(spec);
    const what = `${spec.protocol} ${spec.name} from ${client.addresses[0]} to ${server.addresses[0]} port ${spec.port}`;
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
