/** Connection-oriented sockets that never block: what SCTP's one-to-one style and MPTCP have in common. */
import { errnoText } from './errno.ts';
import { call, EAGAIN, errno, SOCK, SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET, setOption, socket } from './libc.ts';

const raw = {
  accept4: call('int accept4(int fd, void *address, void *length, int flags)'),
  bind: call('int bind(int fd, const void *address, uint32_t length)'),
  connect: call('int connect(int fd, const void *address, uint32_t length)'),
  listen: call('int listen(int fd, int backlog)'),
  getsockname: call('int getsockname(int fd, void *address, void *length)'),
  getsockopt: call('int getsockopt(int fd, int level, int name, void *value, void *length)'),
  send: call('intptr_t send(int fd, const void *data, size_t length, int flags)'),
  recv: call('intptr_t recv(int fd, void *data, size_t length, int flags)'),
};

export const IPPROTO_SCTP = 132;
export const IPPROTO_MPTCP = 262;
const SO_ERROR = 4;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const EINPROGRESS = 115;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SOL_MPTCP = 284;
const MPTCP_INFO = 1;

function checked(what: string, result: number): number {
  if (result < 0) throw new Error(`${what}: ${errnoText(-errno())}`);
  return result;
}

/** A non-blocking stream socket in the calling thread's network namespace. Throws what the kernel said. */
export const streamSocket = (family: number, protocol: number): number => socket(family, SOCK.STREAM | SOCK_NONBLOCK, protocol);

/** Buffers in octets, beyond the limits of net.core (root only). */
export function setBuffers(fd: number, send: number, receive: number): void {
  setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, send);
  setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, receive);
}

export const bindStream = (fd: number, address: Uint8Array): number => checked('bind', raw.bind(fd, address, address.length));
export const listenStream = (fd: number): number => checked('listen', raw.listen(fd, 1));

/** Begins to connect: writable when it is done, with `socketError` to tell how. Throws what is refused at once. */
export function beginConnect(fd: number, address: Uint8Array): void {
  if (raw.connect(fd, address, address.length) < 0 && errno() !== EINPROGRESS) checked('connect', -1);
}

/** The next connection of a listening socket, non-blocking; null when there is none. */
export function acceptStream(fd: number): number | null {
  const accepted = raw.accept4(fd, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return accepted < 0 && errno() === EAGAIN ? null : checked('accept', accepted);
}

/** The port a socket is bound to. */
export function boundPort(fd: number): number {
  const address = Buffer.alloc(28);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(address.length);
  checked('getsockname', raw.getsockname(fd, address, length));
  return address.readUInt16BE(2);
}

/** -errno that waits on the socket, 0 for none; reading it clears it. */
export function socketError(fd: number): number {
  const value = Buffer.alloc(4);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(4);
  return raw.getsockopt(fd, SOL_SOCKET, SO_ERROR, value, length) < 0 ? -errno() : -value.readInt32LE(0);
}

/** Whether a connected MPTCP socket speaks MPTCP, and not TCP because the peer or the path would not (RFC 8684 section 3.7). */
export function speaksMptcp(fd: number): boolean {
  const info = Buffer.alloc(256);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(info.length);
  return raw.getsockopt(fd, SOL_MPTCP, MPTCP_INFO, info, length) === 0;
}

/** Octets taken (a message of SCTP is taken whole), or -errno; -EAGAIN when there is no room. */
export function sendStream(fd: number, data: Uint8Array): number {
  const sent = raw.send(fd, data, data.length, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? -errno() : Number(sent);
}

/** Octets read (of SCTP: of one message), 0 when the peer has ended, or -errno; -EAGAIN when nothing waits. */
export function receiveStream(fd: number, buffer: Uint8Array): number {
  const got = raw.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
  return got < 0 ? -errno() : Number(got);
}
