/** The fast way out: super-segments from the TUN interface are cut, sealed into one buffer, and sent in rows. */
import { EAGAIN } from '../../host/libc.ts';
import { readInto } from '../../host/read-write.ts';
import { BatchSender } from '../../host/udp-gso.ts';
import { type Csa, seal } from '../../mlipsec/index.ts';
import { type PacketCounter, WIRE_HEADERS } from './counter.ts';
import { IP } from './ipv4-tcp.ts';
import { Row } from './row.ts';
import { Segmenter } from './segment.ts';
import { VNET_HEADER } from './vnet.ts';

const FRAME = VNET_HEADER + 65_535;
/** frames after which the caller may look at other things */
const TURN = 64;

export interface FastOut {
  /**
   * Reads what waits at the TUN interface, a limited number of frames, and sends it. True: more may wait. Without a composite SA what was
   * read is dropped. Throws when the interface is gone.
   */
  turn(csa: Csa | null): boolean;
}

/** `tun`: of host/tun-offload.ts, not blocking; `socket`: of host/udp-gso.ts, connected. */
export function fastOut(tun: number, socket: number, counter: PacketCounter): FastOut {
  const frame = new Uint8Array(FRAME);
  const segmenter = new Segmenter();
  const inner = segmenter.out;
  const row = new Row(new BatchSender(socket), (datagrams, _, result) => {
    for (let i = 0; result < 0 && i < datagrams; i++) counter.refuse(`send: errno ${-result}`);
  });

  const protect = (csa: Csa, length: number): void => {
    const place = row.place(csa.sealedLength(length), inner[IP.tos]!);
    if (place === null) {
      counter.refuse('bad-length');
      return;
    }
    const sealed = seal(csa, inner.subarray(0, length), place);
    if (!sealed.ok) {
      counter.refuse(sealed.reason);
      return;
    }
    row.add(sealed.length);
    counter.packet(length, sealed.length + WIRE_HEADERS);
  };

  return {
    turn(csa) {
      for (let read = 0; read < TURN; read++) {
        const got = readInto(tun, frame);
        if (got < 0) {
          row.flush();
          if (got === -EAGAIN) return false;
          throw new Error(`reading from the TUN interface: errno ${-got}`);
        }
        if (csa === null) {
          counter.refuse('no-keys');
          continue;
        }
        if (segmenter.begin(frame, got) < 0) counter.refuse('bad-inner');
        for (let length = segmenter.next(); length > 0; length = segmenter.next()) protect(csa, length);
      }
      row.flush();
      return true;
    },
  };
}
