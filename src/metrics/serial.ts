/** Sequence numbers of 32 bits that wrap, as positions that do not (RFC 1982; RFC 9293 section 3.4). */

/** Positions from `origin`, which is 0; each is looked for near the one asked for before. */
export function stretch(origin: number): (seq: number) => number {
  let [last, position] = [origin, 0];
  return (seq) => {
    position += (seq - last) | 0;
    last = seq;
    return position;
  };
}
