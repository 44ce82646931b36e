/** The foreign agent: opens zone 1 and leaves the packet as it is. */
import type { Csa } from './csa.ts';
import { ESP_HEADER } from './geometry.ts';
import { IPV4 } from './header.ts';
import { u32 } from './octets.ts';
import { type Reason, type Refusal, refuse } from './refusal.ts';
import { type OpenedUnit, openUnit, unitEnd } from './unit.ts';

export interface First {
  readonly ok: true;
  /** octets of zone 1 in `out`; layout C fills a shorter datagram up with zeros, of which the total length tells */
  readonly length: number;
  readonly seq: number;
  /** nothing of the datagram is in a later zone (layout P) */
  readonly whole: boolean;
}

/**
 * Opens the unit of zone 1 of `payload` to `out`, which needs room for the zone and its padding. The payload is not changed and no window is
 * kept: a foreign agent has no right to drop copies. Sequence number 0 and what lies in later zones are for the end to judge.
 */
export function openFirst(csa: Csa, payload: Uint8Array, out: Uint8Array): First | Refusal {
  const unit = readFirst(csa, payload, out);
  if (typeof unit === 'string') {
    out.fill(0, 0, Math.min(out.length, csa.scratch.length));
    return refuse(unit);
  }
  return { ok: true, length: unit.content, seq: u32(payload, 4), whole: unit.end === payload.length };
}

/** The same with where the unit ends. */
export function readFirst(csa: Csa, payload: Uint8Array, out: Uint8Array): (OpenedUnit & { end: number }) | Reason {
  if (csa.role === 'send') return 'wrong-role';
  if (csa.destroyed) return 'destroyed';
  if (payload.length < ESP_HEADER) return 'bad-length';
  const end = unitEnd(csa, 0, 0, payload.length);
  if (end < 0) return 'bad-length';
  const unit = openUnit(csa, 0, payload, 0, end, u32(payload, 4), out, IPV4);
  return typeof unit === 'string' ? unit : { ...unit, end };
}
