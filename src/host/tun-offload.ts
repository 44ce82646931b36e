/** A TUN interface that hands over and takes TCP packets of up to 64 KiB, each behind a struct virtio_net_hdr of 10 octets (linux/if_tun.h). */
import { call, close, errno, openDevice } from './libc.ts';

const ioctl = call('int ioctl(int fd, unsigned long request, void *argument)');
const offload = call('int ioctl(int fd, unsigned long request, unsigned long argument)');

const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const TUNSETVNETHDRSZ = 0x400454d8;
/** IFF_TUN | IFF_NO_PI | IFF_VNET_HDR */
const FLAGS = 0x0001 | 0x1000 | 0x4000;
/** TUN_F_CSUM | TUN_F_TSO4 */
const OFFLOADS = 1 | 2;
const HEADER = 10;

/** Makes the interface `name` in the calling thread's network namespace. Returns its descriptor; throws with errno. */
export function openOffloadTun(name: string): number {
  const fd = openDevice('/dev/net/tun');
  const request = Buffer.alloc(40);
  request.write(name, 0, 15, 'latin1');
  request.writeUInt16LE(FLAGS, 16);
  const size = Buffer.alloc(4);
  size.writeInt32LE(HEADER);
  const failed =
    ioctl(fd, TUNSETIFF, request) < 0
      ? 'TUNSETIFF'
      : ioctl(fd, TUNSETVNETHDRSZ, size) < 0
        ? 'TUNSETVNETHDRSZ'
        : offload(fd, TUNSETOFFLOAD, OFFLOADS) < 0
          ? 'TUNSETOFFLOAD'
          : null;
  if (failed !== null) {
    const why = errno();
    close(fd);
    throw new Error(`ioctl ${failed} for ${name}: errno ${why}`);
  }
  return fd;
}
