/** read() and write() that answer with -errno: an exception for every descriptor that has nothing takes longer than the call. */
import { call, errno } from './libc.ts';

const read = call('intptr_t read(int fd, void *data, size_t length)');
const write = call('intptr_t write(int fd, const void *data, size_t length)');
const ioctl = call('int ioctl(int fd, unsigned long request, void *argument)');
const FIONBIO = 0x5421;

/** Octets read to `buffer`, or -errno. */
export function readInto(fd: number, buffer: Uint8Array): number {
  const got = Number(read(fd, buffer, buffer.length));
  return got < 0 ? -errno() : got;
}

/** Octets written, or -errno. */
export function writeFrom(fd: number, buffer: Uint8Array): number {
  const wrote = Number(write(fd, buffer, buffer.length));
  return wrote < 0 ? -errno() : wrote;
}

/** Calls on `fd` that would wait answer -EAGAIN from now on. Throws with errno. */
export function unblock(fd: number): void {
  const on = Buffer.alloc(4);
  on.writeInt32LE(1);
  if (ioctl(fd, FIONBIO, on) < 0) throw new Error(`ioctl FIONBIO: errno ${errno()}`);
}
