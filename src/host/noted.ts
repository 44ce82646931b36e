/** One datagram of a socket, and what the kernel notes beside it. */
import { call, EAGAIN, errno, SOL_SOCKET } from './libc.ts';
import { cmsgSpace, SocketMessage } from './socket-message.ts';

const recvmsg = call('intptr_t recvmsg(int fd, uintptr_t message, int flags)');
const SOL_IP = 0;
const IP_TOS = 1;
const SCM_TIMESTAMPNS = 35;
const MSG_DONTWAIT = 0x40;
const TIMESPEC = 16;
const ROOM = 65_536;

/** When the kernel received a packet, of CLOCK_REALTIME. */
export interface Arrival {
  seconds: number;
  nanoseconds: number;
}

export class NotedReceiver {
  /** the last datagram */
  readonly data: Uint8Array;
  /** its TOS, where the socket notes it (noteTos); else 0 */
  tos = 0;
  /** when it came, where the socket notes that (noteTimes); else 0 */
  readonly arrival: Arrival = { seconds: 0, nanoseconds: 0 };
  readonly #fd: number;
  readonly #message = new SocketMessage(ROOM, cmsgSpace(1) + cmsgSpace(TIMESPEC));

  constructor(fd: number) {
    this.#fd = fd;
    this.data = this.#message.data;
  }

  /** Octets of the next datagram, 0 when none waits, or -errno. */
  receive(): number {
    const message = this.#message;
    message.setControl();
    const got = Number(recvmsg(this.#fd, message.pointer, MSG_DONTWAIT));
    if (got < 0) {
      const why = errno();
      return why === EAGAIN ? 0 : -why;
    }
    this.tos = message.receivedOctet(SOL_IP, IP_TOS) ?? 0;
    message.receivedTime(SOL_SOCKET, SCM_TIMESTAMPNS, this.arrival);
    return got;
  }
}

export const isBefore = (a: Arrival, b: Arrival): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);
