/** A descriptor that one thread makes readable and another, which sleeps in ppoll, sees: eventfd(2). */
import { errnoText } from './errno.ts';
import { call, close, errno } from './libc.ts';

const eventfd = call('int eventfd(unsigned int initial, int flags)');
const write = call('intptr_t write(int fd, const void *data, size_t length)');
const read = call('intptr_t read(int fd, void *data, size_t length)');

const EFD_CLOEXEC = 0x80000;
const EFD_NONBLOCK = 0x800;
const ONE = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
const sink = Buffer.alloc(8);

/** A new descriptor; throws with errno. */
export function openEvent(): number {
  const fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw new Error(`eventfd: ${errnoText(-errno())}`);
  return fd;
}

/** Makes it readable. */
export const signalEvent = (fd: number): void => void write(fd, ONE, 8);

/** Takes back all signals so far. */
export const clearEvent = (fd: number): void => void read(fd, sink, 8);

export const closeEvent = close;
