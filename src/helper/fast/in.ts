/** The fast way in: rows of datagrams are opened one by one, and what TCP sent in a row is written to the TUN interface as one packet. */
import { EAGAIN } from '../../host/libc.ts';
import { writeFrom } from '../../host/read-write.ts';
import { BatchReceiver } from '../../host/udp-gso.ts';
import { type Csa, type OpenOptions, open } from '../../mlipsec/index.ts';
import { Coalescer } from './coalesce.ts';
import { type PacketCounter, WIRE_HEADERS } from './counter.ts';
import { be32 } from './ipv4-tcp.ts';

/** rows after which the caller may look at other things */
const TURN = 64;
/** ESP with nothing protected: SPI, sequence number */
const LEAST_ESP = 8;
const KEEPALIVE = 0xff;

export interface FastIn {
  /** Reads what waits at the socket, a limited number of rows, and writes it to the TUN interface. True: more may wait. */
  turn(csa: Csa | null, checks: OpenOptions): boolean;
}

/** `tun`: of host/tun-offload.ts; `socket`: of host/udp-gso.ts, connected. */
export function fastIn(tun: number, socket: number, counter: PacketCounter): FastIn {
  const receiver = new BatchReceiver(socket);
  const { data } = receiver;
  const coalescer = new Coalescer((memory, at, length) => {
    const wrote = writeFrom(tun, memory.subarray(at, at + length));
    if (wrote < 0) counter.refuse(`tun: errno ${-wrote}`);
  });

  /** Why a datagram was not delivered; null: it was, or is nothing to be counted. */
  const deliver = (csa: Csa | null, checks: OpenOptions, at: number, octets: number): string | null => {
    // a NAT keepalive, or IKE behind four zeros (RFC 3948 sections 2.2 and 2.3)
    if (octets === 1 && data[at] === KEEPALIVE) return null;
    if (octets < LEAST_ESP) return 'bad-length';
    const spi = be32(data, at);
    if (spi === 0) return 'ike';
    if (csa === null) return 'no-keys';
    if (spi !== csa.spi) return 'wrong-spi';
    const opened = open(csa, data.subarray(at, at + octets), coalescer.in, checks);
    if (!opened.ok) return opened.reason;
    counter.packet(opened.length, octets + WIRE_HEADERS);
    coalescer.add(opened.length);
    return null;
  };

  return {
    turn(csa, checks) {
      for (let row = 0; row < TURN; row++) {
        const got = receiver.receive();
        if (got < 0) {
          coalescer.flush();
          // a peer that is not up yet answers with ICMP, which is the socket's next error
          if (got !== -EAGAIN) counter.refuse(`receive: errno ${-got}`);
          return false;
        }
        const { size } = receiver;
        for (let at = 0; at < got; at += size) {
          const refused = deliver(csa, checks, at, Math.min(size, got - at));
          if (refused !== null) counter.refuse(refused);
        }
      }
      coalescer.flush();
      return true;
    },
  };
}
