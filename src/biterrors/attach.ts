/** Bit errors at an interface of a node, until they are closed or this process ends. */

import { attachXdp, BpfValue, loadXdp } from '../host/bpf.ts';
import { errnoText } from '../host/errno.ts';
import { AF, close, inNetworkNamespace, interfaceIndex, SOCK, socket } from '../host/libc.ts';
import { countsOf, dropper, STATE_OCTETS, stateOf, TABLE_OCTETS, tableOf } from './program.ts';

export interface BitErrorOptions {
  /** of the node's network namespace */
  netnsPath: string;
  interface: string;
  /** errors per bit, from 0 to below 1 */
  ber: number;
  /** 32 bits */
  seed: number;
}

export interface BitErrorHandle {
  /** IPv4 and IPv6 packets since the beginning; after `close` what they were then. */
  counts(): { passed: number; dropped: number };
  /** Detaches; once is enough. */
  close(): void;
}

/**
 * Drops packets that arrive at the interface as BitErrorModel with this seed does. Throws an Error that says what the kernel refused (root is
 * needed, an interface takes one such program), a RangeError for a `ber` that is none.
 */
export function attachBitErrors({ netnsPath, interface: name, ber, seed }: BitErrorOptions): BitErrorHandle {
  const thresholds = tableOf(ber);
  const made: (() => void)[] = [];
  const closeAll = () => {
    for (const one of made.splice(0).reverse()) one();
  };
  try {
    const table = new BpfValue(TABLE_OCTETS);
    made.push(() => table.close());
    const state = new BpfValue(STATE_OCTETS);
    made.push(() => state.close());
    table.write(thresholds);
    state.write(stateOf(seed));
    const program = loadXdp('bit_errors', dropper(table.fd, state.fd));
    made.push(() => close(program));
    const link = inNetworkNamespace(netnsPath, () => attachXdp(program, indexOf(name)));
    made.push(() => close(link));
    let last: { passed: number; dropped: number } | null = null;
    return {
      counts: () => last ?? countsOf(state.read()),
      close: () => {
        if (last !== null) return;
        last = countsOf(state.read());
        closeAll();
      },
    };
  } catch (error) {
    closeAll();
    if (error instanceof Error) error.message = `bit errors at ${name}: ${error.message}`;
    throw error;
  }
}

function indexOf(name: string): number {
  const fd = socket(AF.INET, SOCK.DGRAM, 0);
  try {
    const index = interfaceIndex(fd, name);
    if (index < 0) throw new Error(errnoText(index));
    return index;
  } finally {
    close(fd);
  }
}
