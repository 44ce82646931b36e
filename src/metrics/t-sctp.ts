/**
 * T_SCTP: the four-way handshake of the first association at the MN, from the first INIT it sends or receives to the COOKIE-ACK
 * (RFC 9260 section 5.1), whichever side opened it. In tunnel mode a tap shows an incoming packet twice; the first is it.
 */
import { type MetricInput, mobileNode } from './input.ts';
import type { Measured } from './measured.ts';
import type { AssociationSighting, Trace } from './sighting.ts';

/** Seconds; null with the reason when the handshake was not captured. */
export function tSctp(input: MetricInput, trace: Trace): Measured {
  const mobile = mobileNode(input.cell);
  const handshakes = input.cell.flows
    .filter(({ kind }) => kind === 'sctp')
    .map(({ name }) => trace.associations.get(name)!.filter(({ node, way }) => node === mobile && way !== null))
    .map((seen) => ({ seen, init: seen.find((one) => has(one, 'INIT')) }))
    .filter(({ init }) => init !== undefined)
    .sort((a, b) => a.init!.t - b.init!.t);
  const first = handshakes[0];
  if (first?.init === undefined) return { value: null, notes: ['no INIT was captured at the MN'] };
  const { seen, init } = first;
  const notes: string[] = [];
  const copies = seen.filter((one) => has(one, 'INIT') && one.way === init.way && one.sealed === init.sealed).length;
  if (copies > 1) notes.push(`INIT was seen ${copies} times`);
  const done = seen.find((one) => one.t >= init.t && one.way !== init.way && has(one, 'COOKIE-ACK'));
  if (done === undefined) return { value: null, notes: [...notes, 'no COOKIE-ACK followed'] };
  return { value: (done.t - init.t) / 1e9, from: init.t, notes };
}

function has({ inner }: AssociationSighting, name: string): boolean {
  return inner.sctp?.chunks.some((chunk) => chunk.name === name) ?? false;
}
