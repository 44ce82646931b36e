/**
 * UDP datagrams by the dozen: one system call sends a row of datagrams of one size (UDP_SEGMENT), one receives what the kernel found in a row
 * (UDP_GRO), linux/udp.h. Memory the kernel is given the address of is outside the heap.
 */
import { AF, bind, call, close, connect, errno, SOCK_CLOEXEC, SOL_SOCKET, setOption, socket, socketAddress } from './libc.ts';
import { ignorePathMtu, noteTos } from './raw-socket.ts';
import { cmsgSpace, SocketMessage } from './socket-message.ts';

const sendmsg = call('intptr_t sendmsg(int fd, uintptr_t message, int flags)');
const recvmsg = call('intptr_t recvmsg(int fd, uintptr_t message, int flags)');

const SOL_IP = 0;
const SOL_UDP = 17;
const IP_TOS = 1;
const IP_TTL = 2;
const UDP_SEGMENT = 103;
const UDP_GRO = 104;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const EIO = 5;
const MSG_DONTWAIT = 0x40;
/** UDP_MAX_SEGMENTS of kernels before 6.3 */
export const MAX_SEGMENTS = 64;
/** what an IPv4 packet holds beside its header and UDP's */
export const MAX_DATA = 65_507;
/** so that a burst of 64 KiB batches waits and is not dropped while the receiver has no CPU */
const BUFFER = 16 * 1024 * 1024;

/**
 * A UDP socket between two ends, both at `port`: TTL 64, Don't Fragment, GRO, large buffers. It has checksums, which cost nothing in rows and
 * without which the kernel sends none. Throws with errno.
 */
export function openBatchUdp(local: string, remote: string, port: number): number {
  const fd = socket(AF.INET, 2 | SOCK_CLOEXEC, 0);
  try {
    setOption(fd, SOL_IP, IP_TTL, 64);
    ignorePathMtu(fd);
    setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
    setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
    setOption(fd, SOL_UDP, UDP_GRO, 1);
    noteTos(fd);
    bind(fd, socketAddress(local, port));
    connect(fd, socketAddress(remote, port));
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** Sends rows of datagrams to the address the socket is connected to. */
export class BatchSender {
  /** the row: datagrams of one size, one after the other, the last one possibly shorter */
  readonly data: Uint8Array;
  readonly #fd: number;
  readonly #message = new SocketMessage(MAX_DATA, cmsgSpace(4) + cmsgSpace(2));
  readonly #tosAt: number;
  readonly #sizeAt: number;
  #isSplit = false;

  constructor(fd: number) {
    this.#fd = fd;
    this.data = this.#message.data;
    this.#tosAt = this.#message.putControl(0, SOL_IP, IP_TOS, 4);
    this.#sizeAt = this.#message.putControl(cmsgSpace(4), SOL_UDP, UDP_SEGMENT, 2);
  }

  /**
   * Sends the first `length` octets of `data` as datagrams of `size` with this TOS; waits for room. Returns 0, or -errno and the first datagrams
   * may be on their way. Kernels before 6.11 send no rows over an interface that leaves checksums to them: then one by one.
   */
  send(length: number, size: number, tos: number): number {
    this.#message.setI32(this.#tosAt, tos);
    if (length > size && !this.#isSplit) {
      this.#message.setU16(this.#sizeAt, size);
      const result = this.#send(0, length, cmsgSpace(4) + cmsgSpace(2));
      if (result !== -EIO) return result;
      this.#isSplit = true;
    }
    for (let at = 0; at < length; at += size) {
      const result = this.#send(at, Math.min(size, length - at), cmsgSpace(4));
      if (result !== 0) return result;
    }
    return 0;
  }

  #send(at: number, length: number, control: number): number {
    const message = this.#message;
    message.setData(length, at);
    message.setControl(control);
    if (Number(sendmsg(this.#fd, message.pointer, 0)) >= 0) return 0;
    // not of this row, it may be, but what an ICMP message said of an earlier one, and whoever forged it: it is told once (ip(7))
    return Number(sendmsg(this.#fd, message.pointer, 0)) < 0 ? -errno() : 0;
  }
}

/** Receives rows of datagrams. */
export class BatchReceiver {
  readonly data: Uint8Array;
  /** octets of each datagram of the last row but possibly its last, which is not longer */
  size = 0;
  /** TOS of all of them */
  tos = 0;
  readonly #fd: number;
  readonly #message = new SocketMessage(65_536, cmsgSpace(4) + cmsgSpace(1));

  constructor(fd: number) {
    this.#fd = fd;
    this.data = this.#message.data;
  }

  /** Reads one row of datagrams to `data` if there is one. Returns its octets, or -errno (-EAGAIN: nothing is waiting). */
  receive(): number {
    this.#message.setControl();
    const got = Number(recvmsg(this.#fd, this.#message.pointer, MSG_DONTWAIT));
    if (got < 0) return -errno();
    this.size = this.#message.receivedInt(SOL_UDP, UDP_GRO) ?? got;
    if (this.size <= 0) this.size = got;
    this.tos = this.#message.receivedOctet(SOL_IP, IP_TOS) ?? 0;
    return got;
  }
}
