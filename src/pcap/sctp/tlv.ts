/** Parameters and error causes: type, length with this header, value, padded to 4 octets (RFC 9260 section 3.2.1). */

export interface Tlv {
  type: number;
  /** as stated: with the 4 octets of the header, without padding */
  length: number;
  /** where the value starts and ends */
  start: number;
  end: number;
}

/** Those in octets `start` to `end`, or why they do not hold. The last one may lack its padding. */
export function tlvs(b: Buffer, start: number, end: number): Tlv[] | string {
  const found: Tlv[] = [];
  for (let at = start; at < end; ) {
    if (at + 4 > end) return 'parameter header cut off';
    const type = (b[at]! << 8) | b[at + 1]!;
    const length = (b[at + 2]! << 8) | b[at + 3]!;
    if (length < 4) return 'parameter length below 4';
    if (at + length > end) return 'parameter longer than what it is in';
    found.push({ type, length, start: at + 4, end: at + length });
    at += (length + 3) & ~3;
  }
  return found;
}
