/** The receiving end: all units of an ESP payload are opened, and the inner datagram is put together and checked. */
import type { Csa } from './csa.ts';
import { ESP_HEADER } from './geometry.ts';
import { IPV4, IPV4_HEADER } from './header.ts';
import { checkInner, type InnerChecks } from './inner.ts';
import { u16, u32 } from './octets.ts';
import { type Reason, type Refusal, refuse } from './refusal.ts';
import { isZero } from './trailer.ts';
import { openUnit, unitEnd } from './unit.ts';

export interface OpenOptions extends InnerChecks {
  /** what the trailers must say; null for anything (transport mode). Default 4 */
  readonly nextHeader?: number | null;
}

export interface Opened {
  readonly ok: true;
  /** octets of the inner datagram in `out` */
  readonly length: number;
  readonly seq: number;
  readonly nextHeader: number;
  /** seen before, or too old to tell: only where nothing is authenticated, so that the number proves nothing and none is refused for it */
  readonly replayed: boolean;
}

/**
 * Opens `payload`, SPI to last ICV, to `out`, which must be other memory with room for as many octets. The sequence number is checked before
 * anything is decrypted and remembered only for a datagram that is delivered: one with a broken later zone must not keep out the copy a
 * foreign agent sends after it. The inner total length must be exact with several zones, and with one and next header 4 no more than there is.
 * On refusal `out` holds nothing decrypted.
 */
export function open(csa: Csa, payload: Uint8Array, out: Uint8Array, options: OpenOptions = {}): Opened | Refusal {
  if (csa.role !== 'receive') return refuse('wrong-role');
  if (csa.destroyed) return refuse('destroyed');
  if (payload.length < ESP_HEADER) return refuse('bad-length');
  if (out.length < payload.length) return refuse('no-room');
  if (u32(payload, 0) !== csa.spi) return refuse('wrong-spi');
  const seq = u32(payload, 4);
  const old = csa.replay.check(seq);
  const advisory = csa.designated.suite.icv === 0;
  if (old !== null && !advisory) return refuse(old);
  const { nextHeader = IPV4 } = options;
  const units = openUnits(csa, payload, seq, out, nextHeader);
  const reason = typeof units === 'string' ? units : check(csa, out, units, nextHeader, options);
  if (typeof reason === 'string') {
    out.fill(0, 0, payload.length);
    return refuse(reason);
  }
  csa.replay.commit(seq);
  return { ok: true, length: reason, seq, nextHeader: (units as Units).nextHeader, replayed: old !== null };
}

interface Units {
  length: number;
  nextHeader: number;
}

function openUnits(csa: Csa, payload: Uint8Array, seq: number, out: Uint8Array, nextHeader: number | null): Units | Reason {
  const total = payload.length;
  let at = 0;
  for (let k = 0; k < csa.spans.length; k++) {
    const end = unitEnd(csa, k, at, total);
    if (end < 0) return 'bad-length';
    const unit = openUnit(csa, k, payload, at, end, seq, out, nextHeader);
    if (typeof unit === 'string') return unit;
    if (end === total) {
      const { start } = csa.spans[k]!;
      return unit.content === 0 && start > 0
        ? short(out, start, unit.nextHeader)
        : { length: start + unit.content, nextHeader: unit.nextHeader };
    }
    at = end;
  }
  return 'bad-length';
}

/** Layout C, nothing in the last zone: the datagram may have ended earlier, and zeros follow it. */
function short(out: Uint8Array, start: number, nextHeader: number): Units | Reason {
  const length = u16(out, 2);
  if (out[0]! >>> 4 !== 4 || length < IPV4_HEADER) return 'bad-inner';
  if (length > start) return 'bad-total-length';
  return isZero(out, length, start) ? { length, nextHeader } : 'bad-padding';
}

function check(csa: Csa, out: Uint8Array, { length }: Units, nextHeader: number | null, options: OpenOptions): number | Reason {
  const totalLength = options.totalLength ?? (csa.spans.length > 1 ? 'exact' : nextHeader === IPV4 ? 'at-most' : 'unchecked');
  return checkInner(out, length, { ...options, totalLength });
}
