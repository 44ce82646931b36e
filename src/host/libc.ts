/**
 * The few libc calls Node does not offer: nanosecond wall clock, network namespaces per thread, raw netlink and UDP
 * sockets with kernel timestamps. Loaded through koffi; all calls block the calling thread and return -errno.
 */
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
/** A function of libc by its C prototype. */
export const call = (signature: string) => libc.func(signature);
/** Why the last call of this thread failed. */
export const errno = (): number => koffi.errno();

const raw = {
  clock_gettime: call('int clock_gettime(int clock, void *ts)'),
  open: call('int open(const char *path, int flags)'),
  close: call('int close(int fd)'),
  setns: call('int setns(int fd, int type)'),
  socket: call('int socket(int family, int type, int protocol)'),
  bind: call('int bind(int fd, const void *address, uint32_t length)'),
  listen: call('int listen(int fd, int backlog)'),
  connect: call('int connect(int fd, const void *address, uint32_t length)'),
  sendto: call('intptr_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)'),
  recv: call('intptr_t recv(int fd, void *data, size_t length, int flags)'),
  recvfrom: call('intptr_t recvfrom(int fd, void *data, size_t length, int flags, void *address, void *addressLength)'),
  setsockopt: call('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
  ioctl: call('int ioctl(int fd, unsigned long request, void *argument)'),
  sched_setscheduler: call('int sched_setscheduler(int thread, int policy, const void *parameter)'),
  ppoll: call('int ppoll(void *fds, unsigned long count, const void *timeout, const void *mask)'),
};

const CLOCK_REALTIME = 0;
const CLONE_NEWNET = 0x40000000;
const O_CLOEXEC = 0x80000;
export const SOCK_CLOEXEC = 0x80000;
export const SOCK_NONBLOCK = 0x800;
export const AF = { INET: 2, INET6: 10, NETLINK: 16 } as const;
export const SOCK = { STREAM: 1 | SOCK_CLOEXEC, DGRAM: 2 | SOCK_CLOEXEC | SOCK_NONBLOCK, RAW: 3 | SOCK_CLOEXEC } as const;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_REUSEADDR = 2;
const SIOCGSTAMPNS = 0x8907;
export const EAGAIN = 11;

const checked = (name: string, result: number): number => {
  if (result < 0) throw new Error(`${name}: errno ${koffi.errno()}`);
  return result;
};

const clockBuffer = Buffer.alloc(16);

/** CLOCK_REALTIME as whole seconds and nanoseconds: the clock captures are stamped with. */
export function realtime(): { seconds: number; nanoseconds: number } {
  raw.clock_gettime(CLOCK_REALTIME, clockBuffer);
  return { seconds: Number(clockBuffer.readBigInt64LE(0)), nanoseconds: Number(clockBuffer.readBigInt64LE(8)) };
}

/** Nanoseconds of CLOCK_REALTIME since `epoch` (Unix seconds). */
export function nanosecondsSince(epoch: number): number {
  const now = realtime();
  return (now.seconds - epoch) * 1e9 + now.nanoseconds;
}

/** Moves the calling thread (only it) into the network namespace at `path`. */
export function enterNetworkNamespace(path: string): void {
  const fd = raw.open(path, O_CLOEXEC);
  if (fd < 0) throw new Error(`cannot open network namespace ${path}: errno ${koffi.errno()}`);
  const result = raw.setns(fd, CLONE_NEWNET);
  const why = koffi.errno();
  raw.close(fd);
  if (result < 0) throw new Error(`cannot enter network namespace ${path}: errno ${why}`);
}

/** Runs `inside` with the calling thread in the namespace at `path`, then returns to the original one. */
export function inNetworkNamespace<T>(path: string, inside: () => T): T {
  const home = raw.open('/proc/thread-self/ns/net', O_CLOEXEC);
  checked('open /proc/thread-self/ns/net', home);
  try {
    enterNetworkNamespace(path);
    return inside();
  } finally {
    checked('setns', raw.setns(home, CLONE_NEWNET));
    raw.close(home);
  }
}

/**
 * Asks for SCHED_FIFO on the calling thread, so that a stamp is taken when the kernel wakes it and not when a busy host gets round to
 * it; with priority 0 for the ordinary scheduler. Returns false where the kernel refuses (not root).
 */
export function becomeRealtime(priority: number): boolean {
  const parameter = Buffer.alloc(4);
  parameter.writeInt32LE(priority);
  return raw.sched_setscheduler(0, priority > 0 ? 1 : 0, parameter) === 0;
}

export const socket = (family: number, type: number, protocol: number): number => checked('socket', raw.socket(family, type, protocol));
export const bind = (fd: number, address: Uint8Array): number => checked('bind', raw.bind(fd, address, address.length));
export const listen = (fd: number): number => checked('listen', raw.listen(fd, 1));
export const connect = (fd: number, address: Uint8Array): number => checked('connect', raw.connect(fd, address, address.length));
export const close = (fd: number): void => {
  raw.close(fd);
};

const SIOCGIFINDEX = 0x8933;
const SIOCETHTOOL = 0x8946;

/** A `struct ifreq` that names an interface; the rest is zero. */
function interfaceRequest(name: string): Buffer {
  const request = Buffer.alloc(40);
  request.write(name, 0, 15, 'latin1');
  return request;
}

/** Index of an interface in the namespace of the socket, or -errno. */
export function interfaceIndex(fd: number, name: string): number {
  const request = interfaceRequest(name);
  return raw.ioctl(fd, SIOCGIFINDEX, request) < 0 ? -koffi.errno() : request.readInt32LE(16);
}

/** Memory outside the heap, since the ifreq carries its address. */
const ETHTOOL_ROOM = 16_384;
const ethtoolMemory = koffi.alloc('uint8_t', ETHTOOL_ROOM);
const ethtoolBytes = Buffer.from(koffi.view(ethtoolMemory, ETHTOOL_ROOM));

/**
 * SIOCETHTOOL with a command of linux/ethtool.h, which is read from and answered in the returned memory (good until the next
 * call); or -errno.
 */
export function ethtool(fd: number, name: string, command: Uint8Array): Buffer | number {
  const request = interfaceRequest(name);
  ethtoolBytes.fill(0).set(command);
  request.writeBigUInt64LE(BigInt(koffi.address(ethtoolMemory)), 16);
  return raw.ioctl(fd, SIOCETHTOOL, request) < 0 ? -koffi.errno() : ethtoolBytes;
}

/** An ioctl without an argument; throws with errno. */
export const plainIoctl = (fd: number, request: number): number => checked('ioctl', raw.ioctl(fd, request, null));

/** Opens a device read-write; throws with errno. */
export const openDevice = (path: string): number => checked(`open ${path}`, raw.open(path, 2 | O_CLOEXEC));

/** Creates a TUN interface in the calling thread's network namespace on an open /dev/net/tun. */
export function createTun(fd: number, name: string): void {
  const request = interfaceRequest(name);
  request.writeUInt16LE(0x0001 | 0x1000, 16); // IFF_TUN | IFF_NO_PI
  checked('ioctl TUNSETIFF', raw.ioctl(fd, 0x400454ca, request));
}

/** Sets an int socket option. */
export function setOption(fd: number, level: number, name: number, value: number): void {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  checked('setsockopt', raw.setsockopt(fd, level, name, buffer, 4));
}

/** Bytes sent, or -errno. */
export function sendTo(fd: number, data: Uint8Array, address: Uint8Array): number {
  const sent = raw.sendto(fd, data, data.length, 0, address, address.length);
  return sent < 0 ? -koffi.errno() : Number(sent);
}

/** Bytes received, 0 when nothing is waiting, or -errno. */
export function receive(fd: number, buffer: Uint8Array, flags = 0x40 /* MSG_DONTWAIT */): number {
  const got = raw.recv(fd, buffer, buffer.length, flags);
  if (got >= 0) return Number(got);
  return koffi.errno() === EAGAIN ? 0 : -koffi.errno();
}

const addressLength = Buffer.alloc(4);

/** Like `receive`; `from` becomes the sender's sockaddr and is as long as one of the socket's address family. */
export function receiveFrom(fd: number, buffer: Uint8Array, from: Uint8Array): number {
  addressLength.writeUInt32LE(from.length);
  const got = raw.recvfrom(fd, buffer, buffer.length, 0x40 /* MSG_DONTWAIT */, from, addressLength);
  if (got >= 0) return Number(got);
  return koffi.errno() === EAGAIN ? 0 : -koffi.errno();
}

const stampBuffer = Buffer.alloc(16);

/** Kernel receive time of the packet last read from `fd`, ns since `epoch`; null before stamping is on. */
export function receiveTime(fd: number, epoch: number): number | null {
  if (raw.ioctl(fd, SIOCGSTAMPNS, stampBuffer) < 0) return null;
  return (Number(stampBuffer.readBigInt64LE(0)) - epoch) * 1e9 + Number(stampBuffer.readBigInt64LE(8));
}

/** Waits until one of `fds` is readable or `timeout` nanoseconds passed; true when something is readable. */
export function poll(fds: readonly number[], timeout: number): boolean {
  const set = Buffer.alloc(Math.max(8, fds.length * 8));
  fds.forEach((fd, i) => {
    set.writeInt32LE(fd, i * 8);
    set.writeInt16LE(1, i * 8 + 4);
  });
  const ts = Buffer.alloc(16);
  ts.writeBigInt64LE(BigInt(Math.floor(timeout / 1e9)), 0);
  ts.writeBigInt64LE(BigInt(Math.floor(timeout % 1e9)), 8);
  return raw.ppoll(set, fds.length, ts, null) > 0;
}

/** struct sockaddr_in / sockaddr_in6 for an address literal. */
export function socketAddress(address: string, port: number): Uint8Array {
  if (address.includes(':')) {
    const buffer = Buffer.alloc(28);
    buffer.writeUInt16LE(AF.INET6, 0);
    buffer.writeUInt16BE(port, 2);
    const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...o: string[]) => {
      const [a = 0, b = 0, c = 0, d = 0] = o.slice(0, 4).map(Number);
      return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    });
    const [head = '', tail] = plain.split('::');
    const left = head === '' ? [] : head.split(':');
    const right = tail === undefined || tail === '' ? [] : tail.split(':');
    const groups = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
    groups.forEach((group, i) => {
      buffer.writeUInt16BE(Number.parseInt(group, 16), 8 + i * 2);
    });
    return buffer;
  }
  const buffer = Buffer.alloc(16);
  buffer.writeUInt16LE(AF.INET, 0);
  buffer.writeUInt16BE(port, 2);
  address.split('.').forEach((octet, i) => {
    buffer.writeUInt8(Number(octet), 4 + i);
  });
  return buffer;
}
