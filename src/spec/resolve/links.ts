/** Links: both ends exist, each interface is in one link, ends share a subnet, shapes are complete. */
import type { LabLink, LinkEnd, Shape } from '../../types/experiment.ts';
import { parsePrefix, sameNetwork } from '../address.ts';
import { itemNameProblem } from '../names.ts';
import type { Path } from '../problem.ts';
import { PROFILES, queueLimit } from '../profiles.ts';
import type { FileLink, FileShape } from '../schema/links.ts';
import { type Context, endKey, interfaceAt } from './context.ts';

/** null when the direction is left as it is: nothing given, or nothing but zeros. */
function shape(context: Context, link: FileLink, own: FileShape | undefined, path: Path): Shape | null {
  const base = link.profile === undefined ? { delay: 0, jitter: 0, rate: 0, loss: 0 } : PROFILES[link.profile].shape;
  const pick = (key: 'delay' | 'jitter' | 'rate' | 'loss') => own?.[key] ?? link[key] ?? base[key];
  const open = { delay: pick('delay'), jitter: pick('jitter'), rate: pick('rate'), loss: pick('loss') };
  if (open.jitter > open.delay) {
    const [at, hint] = [
      own?.jitter === undefined ? [...path.slice(0, 2), 'jitter'] : [...path, 'jitter'],
      'a delay cannot become negative',
    ];
    context.report(at, { code: 'E_SPEC_RANGE', message: 'the jitter exceeds the delay', hint });
  }
  const limit = own?.limit ?? link.limit;
  const idle = open.delay === 0 && open.rate === 0 && open.loss === 0 && limit === undefined;
  const priority = link.priority === true && open.rate > 0 ? { priority: true as const } : {};
  return idle ? null : { ...open, limit: limit ?? queueLimit(open), ...priority };
}

/** Interfaces both of which are known but share no subnet. */
function checkSubnets(context: Context, ends: [LinkEnd, LinkEnd], path: Path): void {
  const [left, right] = ends.map((end) => context.nodes.get(end.node)!.interfaces.find((one) => one.name === end.interface)!.addresses);
  if (left!.length === 0 || right!.length === 0) return;
  const shared = left!.some((a) => right!.some((b) => sameNetwork(parsePrefix(a)!, parsePrefix(b)!)));
  if (shared) return;
  const message = `${endKey(ends[0])} (${left!.join(', ')}) and ${endKey(ends[1])} (${right!.join(', ')}) share no subnet`;
  context.report(path, {
    code: 'E_SPEC_SUBNET_MISMATCH',
    message,
    hint: 'both ends of a link need an address of one network, with one prefix length',
  });
}

function resolveLink(context: Context, file: FileLink, index: number): LabLink {
  const path: Path = ['links', index];
  const ends = file.ends as [LinkEnd, LinkEnd];
  let known = true;
  for (const [side, end] of ends.entries()) {
    const where = [...path, 'ends', side];
    const found = interfaceAt(context, end, where);
    known &&= found !== null;
    if (found === null) continue;
    const taken = context.peers.get(endKey(end));
    if (found.kind === 'dummy') {
      const hint = 'a dummy needs no link; use kind veth';
      context.report(where, { code: 'E_SPEC_LINK_DUMMY', message: `${endKey(end)} is a dummy interface`, hint });
    } else if (taken !== undefined) {
      const message = taken.link === index ? `${endKey(end)} is both ends of the link` : `${endKey(end)} is already in a link`;
      context.report(where, { code: 'E_SPEC_LINK_TWICE', message, hint: 'an interface is the end of one link' });
    } else context.peers.set(endKey(end), { peer: ends[1 - side]!, link: index });
  }
  if (known && ends[0].node === ends[1].node && ends[0].interface !== ends[1].interface) {
    const hint = 'links join different nodes';
    context.report([...path, 'ends'], { code: 'E_SPEC_LINK_LOOP', message: `both ends of the link are on "${ends[0].node}"`, hint });
  } else if (known) checkSubnets(context, ends, [...path, 'ends']);
  const problem = file.name === undefined ? null : itemNameProblem(file.name);
  if (problem !== null) context.report([...path, 'name'], problem);
  const shapes = {
    forward: shape(context, file, file.forward, [...path, 'forward']),
    backward: shape(context, file, file.backward, [...path, 'backward']),
  };
  if (file.priority === true && shapes.forward?.priority === undefined && shapes.backward?.priority === undefined) {
    const hint = 'where nothing waits nothing can overtake: give the link a "rate"';
    context.report([...path, 'priority'], { code: 'E_SPEC_CONFLICT', message: 'priority needs a rate', at: 'key', got: 'priority', hint });
  }
  return {
    name: file.name ?? `${endKey(ends[0])}-${endKey(ends[1])}`,
    ends: [{ ...ends[0] }, { ...ends[1] }],
    ...(file.profile === undefined ? {} : { profile: file.profile }),
    ...shapes,
    ...(file.bitErrors === undefined ? {} : { bitErrors: { ber: file.bitErrors.ber, seed: file.bitErrors.seed ?? null } }),
  };
}

/** Fills `context.peers`. */
export function resolveLinks(context: Context): LabLink[] {
  const links = context.file.links.map((file, index) => resolveLink(context, file, index));
  const names = new Set<string>();
  for (const [index, link] of links.entries()) {
    if (names.has(link.name) && context.file.links[index]!.name !== undefined) {
      context.report(['links', index, 'name'], {
        code: 'E_SPEC_NAME',
        message: `another link is called "${link.name}"`,
        hint: 'rename one',
      });
    }
    names.add(link.name);
  }
  for (const node of context.nodes.values()) {
    for (const one of node.interfaces) {
      if (one.kind !== 'veth' || context.peers.has(`${node.name}:${one.name}`)) continue;
      context.report(['nodes', node.name, 'interfaces', one.name], {
        code: 'E_SPEC_LINK_MISSING',
        message: `${node.name}:${one.name} is in no link`,
        at: 'key',
        got: one.name,
        hint: 'add a link, or make it "kind: dummy"',
      });
    }
  }
  return links;
}
