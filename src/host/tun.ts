/** TUN interfaces: whole IP packets in and out of this process (linux/if_tun.h, Documentation/networking/tuntap.rst). */
import { writeFileSync } from 'node:fs';
import { errnoText } from './errno.ts';
import { AF, call, close, errno, SOCK, socket } from './libc.ts';

const raw = {
  open: call('int open(const char *path, int flags)'),
  ioctl: call('int ioctl(int fd, unsigned long request, void *argument)'),
  offload: call('int ioctl(int fd, unsigned long request, unsigned long argument)'),
};

const O_RDWR = 2;
const O_NONBLOCK = 0x800;
const O_CLOEXEC = 0x80000;
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const IFF_TUN = 1;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCSIFMTU = 0x8922;
const SIOCSIFTXQLEN = 0x8943;
const IFF_UP = 1;

/** TUN_F_*: what the reader takes from the kernel undone */
export const TUN_F = { CSUM: 1, TSO4: 2, TSO6: 4 } as const;

export interface TunOptions {
  mtu: number;
  /** packets the kernel queues for the reader; default the kernel's 500 */
  queue?: number;
  /** each packet comes with a struct virtio_net_hdr, and the reader takes what these TUN_F_* say */
  offload?: number;
}

/** 15 octets of what a file name and a command line take without a second thought. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,14}$/;

function setUp(name: string, { mtu, queue }: TunOptions): void {
  const control = socket(AF.INET, SOCK.DGRAM, 0);
  const request = Buffer.alloc(40);
  const ask = (what: string, code: number) => {
    request.fill(0, 0, 16).write(name, 0, 15, 'latin1');
    if (raw.ioctl(control, code, request) < 0) throw new Error(`cannot set the ${what} of ${name}: ${errnoText(-errno())}`);
  };
  try {
    request.writeInt32LE(mtu, 16);
    ask('MTU', SIOCSIFMTU);
    if (queue !== undefined) {
      request.writeInt32LE(queue, 16);
      ask('queue', SIOCSIFTXQLEN);
    }
    ask('flags', SIOCGIFFLAGS);
    request.writeUInt16LE(request.readUInt16LE(16) | IFF_UP, 16);
    ask('flags', SIOCSIFFLAGS);
  } finally {
    close(control);
  }
}

/** A setting of /proc/sys/net of an interface, where this kernel has it. */
function sysctl(family: 'ipv4' | 'ipv6', name: string, key: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/net/${family}/conf/${name}/${key}`, value);
  } catch {
    // no IPv6, or /proc is read-only: the packets it would spare us are refused one by one
  }
}

/**
 * Makes a TUN interface in the calling thread's network namespace, without IPv6, sets its MTU and brings it up. It lives as long as the
 * descriptor returned, which never blocks. Throws, with the kernel's reason, when the name is not fit or taken, or there is no TUN.
 */
export function openTun(name: string, options: TunOptions): number {
  if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name for a TUN interface`);
  const fd: number = raw.open('/dev/net/tun', O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw new Error(`cannot open /dev/net/tun: ${errnoText(-errno())}`);
  try {
    const request = Buffer.alloc(40);
    request.write(name, 0, 15, 'latin1');
    request.writeUInt16LE(IFF_TUN | IFF_NO_PI | (options.offload === undefined ? 0 : IFF_VNET_HDR), 16);
    if (raw.ioctl(fd, TUNSETIFF, request) < 0) throw new Error(`cannot make ${name}: ${errnoText(-errno())}`);
    if (options.offload !== undefined && raw.offload(fd, TUNSETOFFLOAD, options.offload) < 0)
      throw new Error(`cannot set the offloads of ${name}: ${errnoText(-errno())}`);
    sysctl('ipv6', name, 'disable_ipv6', '1');
    // what comes out of it came in elsewhere
    sysctl('ipv4', name, 'rp_filter', '0');
    setUp(name, options);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}
