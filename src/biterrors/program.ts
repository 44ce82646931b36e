/**
 * Bit errors as an XDP program: at the ingress of an interface, before a capture or the stack sees the packet. IPv4 and IPv6 only; what else
 * there is (ARP) passes and takes no draw.
 */
import { BpfAssembler } from '../host/bpf-assembler.ts';
import { DRAW_BITS, MAX_OCTETS, threshold } from './model.ts';
import { GAMMA, LAST_SHIFT, MIX } from './random.ts';

const ETHERNET_HEADER = 14;
const ETHERTYPE = 12;
/** 0x0800 and 0x86dd as a little-endian host reads them */
const IPV4 = 0x0008;
const IPV6 = 0xdd86;
const GET_BUFF_LEN = 188; // bpf_xdp_get_buff_len: fragments, if any, count
const XDP_DROP = 1;
const XDP_PASS = 2;

/** Octets of the two maps' values: thresholds by length of the packet; state of the random numbers, passed, dropped. */
export const TABLE_OCTETS = 8 * (MAX_OCTETS + 1);
export const STATE_OCTETS = 24;
const STATE = 0;
const PASSED = 8;
const DROPPED = 16;

/** The value of the table's map. RangeError: see `threshold`. */
export function tableOf(ber: number): Uint8Array {
  const thresholds = BigUint64Array.from({ length: MAX_OCTETS + 1 }, (_, octets) => BigInt(threshold(ber, octets)));
  return new Uint8Array(thresholds.buffer);
}

/** The value of the state's map before the first packet. `seed`: 32 bits. */
export function stateOf(seed: number): Uint8Array {
  const state = new Uint8Array(STATE_OCTETS);
  new DataView(state.buffer).setUint32(STATE, seed >>> 0, true);
  return state;
}

/** Packets so far, of the state's map. */
export function countsOf(state: Uint8Array): { passed: number; dropped: number } {
  const view = new DataView(state.buffer, state.byteOffset);
  return { passed: Number(view.getBigUint64(PASSED, true)), dropped: Number(view.getBigUint64(DROPPED, true)) };
}

/** The program, on the maps behind two descriptors. */
export function dropper(table: number, state: number): Uint8Array {
  const program = new BpfAssembler()
    .loadFrom(32, 2, 1, 0) // data
    .loadFrom(32, 3, 1, 4) // data_end
    .alu('mov', 4, 2)
    .aluWith('add', 4, ETHERNET_HEADER)
    .jump('gt', 4, 3, 'other')
    .loadFrom(16, 5, 2, ETHERTYPE)
    .jumpIf('eq', 5, IPV4, 'ip')
    .jumpIf('ne', 5, IPV6, 'other')
    .label('ip')
    .call(GET_BUFF_LEN)
    .aluWith('sub', 0, ETHERNET_HEADER)
    .jumpIf('le', 0, MAX_OCTETS, 'known')
    .aluWith('mov', 0, MAX_OCTETS)
    .label('known')
    .aluWith('lsh', 0, 3)
    .mapValue(7, table)
    .alu('add', 7, 0)
    .loadFrom(64, 7, 7, 0) // the threshold
    .mapValue(8, state)
    .load64(3, GAMMA)
    .alu('mov', 1, 3)
    .fetchAdd(8, STATE, 1)
    .alu('add', 1, 3);
  for (const { shift, factor } of MIX) {
    program.alu('mov', 2, 1).aluWith('rsh', 2, shift).alu('xor', 1, 2).load64(3, factor).alu('mul', 1, 3);
  }
  return program
    .alu('mov', 2, 1)
    .aluWith('rsh', 2, LAST_SHIFT)
    .alu('xor', 1, 2)
    .aluWith('rsh', 1, 64 - DRAW_BITS)
    .aluWith('mov', 2, 1)
    .jump('lt', 1, 7, 'lost')
    .fetchAdd(8, PASSED, 2)
    .label('other')
    .exit(XDP_PASS)
    .label('lost')
    .fetchAdd(8, DROPPED, 2)
    .exit(XDP_DROP)
    .assemble();
}
