/**
 * What QEMU stores of a guest's devices, as far as it says how many instructions the guest has executed.
 *
 * QEMU in record mode asserts, when it goes on, that the stored count fits an `int` (replay_advance_current_icount, QEMU 7.2), which
 * it does in every other 2^31 instructions. The virtual clock is `bias + (count << shift)`: the count moves into the bias.
 */

/** QEMU_VM_SUBSECTION, length of the name, name; after it u32 version, i64 bias (ns), i64 instructions; all big-endian. */
const ICOUNT = Buffer.from('\x05\x0ctimer/icount', 'latin1');
/** Length of the name, name; after it u32 instance, u32 version, i64 of each of the two host clocks, u64 instructions. */
const REPLAY = Buffer.from('\x06replay', 'latin1');

function only(state: Buffer, mark: Buffer, length: number): number {
  const name = mark.toString('latin1').replace(/^\W+/, '');
  const at = state.indexOf(mark);
  const after = at + mark.length;
  if (at === -1 || state.indexOf(mark, after) !== -1) throw new RangeError(`the stored devices do not say ${name} once`);
  if (after + length > state.length) throw new RangeError(`the stored devices end in ${name}`);
  return after;
}

/** Sets the number of executed instructions to 0 and leaves the virtual clock what it is, in place. Throws RangeError when it is not there. */
export function rebaseInstructions(state: Buffer, shift: number): void {
  const icount = only(state, ICOUNT, 20) + 4;
  const replay = only(state, REPLAY, 32) + 24;
  const executed = state.readBigInt64BE(icount + 8);
  state.writeBigInt64BE(state.readBigInt64BE(icount) + (executed << BigInt(shift)), icount);
  state.writeBigInt64BE(0n, icount + 8);
  state.writeBigUInt64BE(0n, replay);
}
