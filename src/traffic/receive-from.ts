/** recvfrom(2): what an answering flow needs to know, and what host/libc.ts, which only reads, does not ask. */
import koffi from 'koffi';

const recvfrom = koffi
  .load('libc.so.6')
  .func('intptr_t recvfrom(int fd, void *data, size_t length, int flags, void *address, void *addressLength)');

const MSG_DONTWAIT = 0x40;
const EAGAIN = 11;
const room = Buffer.alloc(4);

/**
 * Bytes received, 0 when nothing is waiting, or -errno. `from` becomes the sender's sockaddr; it is as long as one of the socket's
 * address family.
 */
export function receiveFrom(fd: number, buffer: Uint8Array, from: Uint8Array): number {
  room.writeUInt32LE(from.length);
  const got = recvfrom(fd, buffer, buffer.length, MSG_DONTWAIT, from, room);
  if (got >= 0) return Number(got);
  const errno = koffi.errno();
  return errno === EAGAIN ? 0 : -errno;
}
