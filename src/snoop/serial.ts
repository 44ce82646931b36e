/** 32-bit serial numbers: TCP sequence numbers wrap (RFC 9293 section 3.4, RFC 1982). */

/** How far `a` lies beyond `b`, in octets; negative when before it. Right while they are less than 2^31 apart. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** The sequence number `octets` after `seq`, in [0, 2^32). */
export function advance(seq: number, octets: number): number {
  return (seq + octets) >>> 0;
}
