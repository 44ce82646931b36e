/** A foreign agent that edits the header: zone 1 is sealed again, with an IV of the agent's own; everything else stays as it came. */
import { aadOf } from './binding.ts';
import { type Csa, headOf } from './csa.ts';
import { editHeader, type HeaderEdit } from './edit.ts';
import { readFirst } from './first.ts';
import { u32 } from './octets.ts';
import { type Refusal, refuse } from './refusal.ts';
import { sealUnit } from './unit.ts';

export interface Rewritten {
  readonly ok: true;
  /** octets written, as many as came */
  readonly length: number;
}

/**
 * Writes `payload` with an edited zone 1 to `out`, which may be the same memory. Sequence number, SPI, lengths and later zones are as before;
 * a change of anything but what `HeaderEdit` names would be noticed at the end (binding `hdr`).
 */
export function rewrite(csa: Csa, payload: Uint8Array, edit: HeaderEdit, out: Uint8Array): Rewritten | Refusal {
  const sa = csa.designated;
  if (csa.role !== 'forward' || sa.iv === null) return refuse('wrong-role');
  if (out.length < payload.length) return refuse('no-room');
  const { scratch } = csa;
  const unit = readFirst(csa, payload, scratch);
  if (typeof unit === 'string' || !editHeader(scratch, unit.content, edit) || sa.iv.exhausted) {
    scratch.fill(0);
    return refuse(typeof unit === 'string' ? unit : sa.iv.exhausted ? 'exhausted' : 'not-editable');
  }
  const ivAt = headOf(csa.spans[0]!);
  const seq = u32(payload, 4);
  out.set(payload);
  out.set(scratch.subarray(0, unit.length), ivAt + sa.suite.iv);
  sealUnit(sa, aadOf(csa, 0, seq, seq, scratch, unit.content), out, ivAt, unit.length);
  scratch.fill(0);
  return { ok: true, length: payload.length };
}
