import { expect, test } from 'vitest';
import { rebaseInstructions } from '../../src/vm/device-state.ts';

const i64 = (...values: bigint[]): Buffer => {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeBigInt64BE(value, 8 * i);
  return bytes;
};

/** The beginning of what QEMU 7.2 stores: header, section `timer` with its subsection, section `replay`, another section. */
function stored(bias: bigint, executed: bigint): Buffer {
  return Buffer.concat([
    Buffer.from('5145564d000000030400000000', 'hex'),
    Buffer.from('\x05timer\0\0\0\0\0\0\0\x02', 'latin1'),
    i64(0x0ecff5fc2an, 0n, 0x05b4a3c10dn),
    Buffer.from('\x05\x0ctimer/icount\0\0\0\x01', 'latin1'),
    i64(bias, executed),
    Buffer.from('7e000000000400000001', 'hex'),
    Buffer.from('\x06replay\0\0\0\0\0\0\0\x02', 'latin1'),
    i64(1n, 2n, executed),
    Buffer.from('0000000000000000ffffffff7e00000001', 'hex'),
  ]);
}

test('the instructions move into the bias: the virtual clock stays, and the count fits QEMU’s int again', () => {
  const executed = 2n ** 31n + 5n;
  const state = stored(7n, executed);
  rebaseInstructions(state, 0);
  expect(state).toEqual(stored(7n + executed, 0n));
});

test('an instruction of a slower processor takes 2^shift ns', () => {
  const state = stored(7n, 1000n);
  rebaseInstructions(state, 2);
  expect(state).toEqual(stored(4007n, 0n));
});

test('what does not say how many instructions were executed, or says so twice or by half, is refused', () => {
  const state = stored(7n, 1000n);
  expect(() => rebaseInstructions(state.subarray(0, 40), 0)).toThrow('do not say timer/icount once');
  expect(() => rebaseInstructions(Buffer.concat([state, state]), 0)).toThrow(RangeError);
  expect(() => rebaseInstructions(state.subarray(0, 120), 0)).toThrow('end in replay');
});
