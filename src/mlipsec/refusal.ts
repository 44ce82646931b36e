/** What comes of octets that are not what they should be: never an exception. */

export type Reason =
  /** fewer octets than the headers, IVs and ICVs take, or not whole blocks */
  | 'bad-length'
  /** the buffer for the result is too small */
  | 'no-room'
  | 'wrong-spi'
  /** sequence number seen already, or 0, which is never sent (RFC 4303 section 3.4.3) */
  | 'replayed'
  /** below the window */
  | 'too-old'
  | 'bad-icv'
  | 'bad-padding'
  | 'bad-next-header'
  /** a dummy packet (RFC 4303 section 2.6), to be dropped in silence */
  | 'dummy'
  /** the inner datagram is not the IPv4 it should be */
  | 'bad-inner'
  /** the inner total length is not what was protected */
  | 'bad-total-length'
  /** inner addresses that this SA is not for (RFC 4301 section 5.2) */
  | 'wrong-selector'
  /** no sequence number or no IV left: rekey */
  | 'exhausted'
  /** the composite SA is not for this operation here, or lacks the keys */
  | 'wrong-role'
  /** the header has no field of this kind where a foreign agent may write */
  | 'not-editable'
  /** in a mode weaker than what was agreed on for its flow (dynamic mode) */
  | 'not-agreed'
  | 'destroyed';

export interface Refusal {
  readonly ok: false;
  readonly reason: Reason;
}

const made = new Map<Reason, Refusal>();

/** The refusal for this reason, always the same object. */
export function refuse(reason: Reason): Refusal {
  let refusal = made.get(reason);
  if (refusal === undefined) {
    refusal = Object.freeze({ ok: false, reason });
    made.set(reason, refusal);
  }
  return refusal;
}
