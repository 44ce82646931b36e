/** Raw IPv4 sockets (raw(7)) for packets that are made here, UDP sockets that receive, and the calls that move packets one by one. */
import { AF, bind, call, close, connect, EAGAIN, errno, SOCK, SOCK_CLOEXEC, SOL_SOCKET, setOption, socket, socketAddress } from './libc.ts';

const raw = {
  read: call('intptr_t read(int fd, void *data, size_t length)'),
  write: call('intptr_t write(int fd, const void *data, size_t length)'),
  recv: call('intptr_t recv(int fd, void *data, size_t length, int flags)'),
  sendto: call('intptr_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)'),
  getsockopt: call('int getsockopt(int fd, int level, int name, void *value, void *length)'),
  socketpair: call('int socketpair(int family, int type, int protocol, void *fds)'),
};

const AF_UNIX = 1;
const IPPROTO_RAW = 255;
const IPPROTO_IP = 0;
const IP_MTU_DISCOVER = 10;
const IP_RECVTOS = 13;
const IP_PMTUDISC_PROBE = 3;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SO_TIMESTAMPNS = 35;
const SO_MEMINFO = 55;
const MSG_DONTWAIT = 0x40;
/** A queue must not be here but where the experiment has it, and a burst must not be lost because of us. */
const ROOM = 8 << 20;

/** A socket is made whole or not at all. */
function opened(family: number, type: number, protocol: number, prepare: (fd: number) => void): number {
  const fd = socket(family, type, protocol);
  try {
    prepare(fd);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * Don't Fragment on what a UDP socket sends; what ICMP says of a path's MTU counts for nothing, and the interface's MTU is the limit (ip(7)).
 * Nobody authenticates ICMP: one forged message would stop what has its MTU by configuration.
 */
export const ignorePathMtu = (fd: number): void => setOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);

/**
 * Sends IPv4 packets with the header as it is given (the kernel writes checksum and length), whatever ICMP says of the path's MTU. Receives
 * nothing. Throws with errno.
 */
export const openSender = (): number =>
  opened(AF.INET, SOCK.RAW, IPPROTO_RAW, (fd) => {
    setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, ROOM);
    ignorePathMtu(fd);
  });

/** Receives the IPv4 packets of a protocol from `remote` to `local`, header included. Throws with errno. */
export const openReceiver = (protocol: number, local: string, remote: string): number =>
  opened(AF.INET, SOCK.RAW, protocol, (fd) => {
    setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, ROOM);
    bind(fd, socketAddress(local, 0));
    connect(fd, socketAddress(remote, 0));
  });

/** Has the kernel say the TOS of each datagram of a UDP socket, and when it received a packet (host/noted.ts). */
export const noteTos = (fd: number): void => setOption(fd, IPPROTO_IP, IP_RECVTOS, 1);
export const noteTimes = (fd: number): void => setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);

/** Receives UDP datagrams between two ends, both at `port`, with their TOS. Throws with errno. */
export const openUdp = (local: string, remote: string, port: number): number =>
  opened(AF.INET, 2 | SOCK_CLOEXEC, 0, (fd) => {
    setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, ROOM);
    noteTos(fd);
    bind(fd, socketAddress(local, port));
    connect(fd, socketAddress(remote, port));
  });

const meminfo = Buffer.alloc(36);
const meminfoLength = Buffer.alloc(4);

/** Packets a socket had no room for since it was opened (SK_MEMINFO_DROPS, linux/sock_diag.h); 0 where the kernel does not say. */
export function droppedBy(fd: number): number {
  meminfoLength.writeUInt32LE(meminfo.length);
  return raw.getsockopt(fd, SOL_SOCKET, SO_MEMINFO, meminfo, meminfoLength) < 0 ? 0 : meminfo.readUInt32LE(32);
}

/** Two ends of a pipe that keeps datagrams apart, holds some ten of them, and never blocks. Throws with errno. */
export function openPair(): [number, number] {
  const fds = Buffer.alloc(8);
  if (raw.socketpair(AF_UNIX, SOCK.DGRAM, 0, fds) < 0) throw new Error(`socketpair: errno ${errno()}`);
  return [fds.readInt32LE(0), fds.readInt32LE(4)];
}

const result = (octets: number | bigint): number => (octets < 0 ? -errno() : Number(octets));
const waiting = (octets: number | bigint): number => {
  if (octets >= 0) return Number(octets);
  const why = errno();
  return why === EAGAIN ? 0 : -why;
};

/** One packet from a descriptor that never blocks: its octets, 0 when nothing waits, or -errno. */
export const readPacket = (fd: number, buffer: Uint8Array): number => waiting(raw.read(fd, buffer, buffer.length));

/** The same from a socket, blocking or not. */
export const receivePacket = (fd: number, buffer: Uint8Array): number => waiting(raw.recv(fd, buffer, buffer.length, MSG_DONTWAIT));

/** Octets written, or -errno. */
export const writePacket = (fd: number, buffer: Uint8Array, length: number): number => result(raw.write(fd, buffer, length));

/** Sends the first `length` octets to `address`, or where the socket is connected to. Octets sent, or -errno. */
export const sendPacket = (fd: number, buffer: Uint8Array, length: number, address: Uint8Array | null): number =>
  result(raw.sendto(fd, buffer, length, 0, address, address === null ? 0 : address.length));
