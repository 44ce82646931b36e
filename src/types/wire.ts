/**
 * How a shaped link is built. netem on a node's own interface would delay packets before that node's capture sees them
 * (taps sit behind the qdisc), and every time measured there would be short by one path delay. So a shaped link is two
 * veth pairs joined in a namespace of their own, the *wire*, where tc hands each frame from one side to the other and netem
 * delays it on the way out:
 *
 *     mn:eth1 ── w0a [wire] w0b ── router:mn1        forward shape on w0b, backward shape on w0a
 *
 * An unshaped link is one veth pair.
 */
import type { CellExperiment, LabLink, LinkEnd, Shape } from './experiment.ts';

/** Not a valid node name, so it cannot meet one. */
export const WIRE = '_wire';

export interface Side {
  end: LinkEnd;
  /** the interface at the other end of this end's veth pair, and where it lives */
  peer: LinkEnd;
  /** where frames sent by this end are shaped; null = unshaped */
  egress: { at: LinkEnd; shape: Shape } | null;
}

export const isShaped = (link: LabLink): boolean => link.forward !== null || link.backward !== null;

/** Both sides of link number `index` of its cell. */
export function sides(link: LabLink, index: number): [Side, Side] {
  const [a, b] = link.ends;
  if (!isShaped(link)) {
    return [
      { end: a, peer: b, egress: null },
      { end: b, peer: a, egress: null },
    ];
  }
  const wireA = { node: WIRE, interface: `w${index}a` };
  const wireB = { node: WIRE, interface: `w${index}b` };
  return [
    { end: a, peer: wireA, egress: link.forward === null ? null : { at: wireB, shape: link.forward } },
    { end: b, peer: wireB, egress: link.backward === null ? null : { at: wireA, shape: link.backward } },
  ];
}

/** The link an interface is an end of: this side first, then the far side. Throws when there is none. */
export function linkSides(cell: CellExperiment, end: LinkEnd): [Side, Side] {
  for (const [index, link] of cell.links.entries()) {
    const at = link.ends.findIndex((e) => e.node === end.node && e.interface === end.interface);
    if (at < 0) continue;
    const [a, b] = sides(link, index);
    return at === 0 ? [a, b] : [b, a];
  }
  throw new Error(`no link at ${end.node}:${end.interface}`);
}

/** Where a frame sent by this side leaves for the other: the wire's far interface, or the end itself. */
export function exitOf(own: Side, far: Side): LinkEnd {
  return own.peer.node === WIRE ? far.peer : own.end;
}
