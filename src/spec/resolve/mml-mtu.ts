/** MTU of a tunnel interface: what fits the way once it is sealed. */
import { maxInner, suiteNamed } from '../../mlipsec/index.ts';
import type { LinkEnd } from '../../types/experiment.ts';
import type { FileMml } from '../schema/mml.ts';
import type { ConnectionEnds } from './connection-ends.ts';
import { type Context, endKey } from './context.ts';
import { wayTo } from './routing.ts';
import { zoneMap } from './zones.ts';

/** octets of the outer header */
const OUTER = { esp: 20, udp: 28 } as const;

interface Narrowest {
  mtu: number;
  /** null: no way is known */
  at: LinkEnd | null;
}

/** The smallest MTU on the way, there and back; of the first interface that has it. */
function narrowest(context: Context, { initiator, responder, here, there }: ConnectionEnds): Narrowest {
  const ways = [wayTo(context, initiator.name, there, here), wayTo(context, responder.name, here, there)];
  const ends = ways.flatMap(({ legs }) => legs.flatMap(({ from, to }) => [from, to]));
  let least: Narrowest = { mtu: 1500, at: null };
  for (const at of ends) {
    const mtu = context.nodes.get(at.node)!.interfaces.find((one) => one.name === at.interface)!.mtu;
    if (least.at === null || mtu < least.mtu) least = { mtu, at };
  }
  return least;
}

/** Octets; reports one of the file that does not fit. */
export function mmlMtu(context: Context, name: string, file: FileMml, ends: ConnectionEnds): number {
  const { mtu, at } = narrowest(context, ends);
  const zones = zoneMap(file.zones);
  const suite = suiteNamed(file.suite, { fidelity: true });
  const sizes = zones.map(() => suite);
  const most = maxInner(file.layout, zones, sizes, mtu, OUTER[file.encapsulation]);
  if (file.mtu === undefined || file.mtu <= most || !context.sound) return file.mtu ?? most;
  const where = at === null ? '' : ` of ${endKey(at)}`;
  context.report(['ipsec', name, 'mtu'], {
    code: 'E_SPEC_RANGE',
    message: `packets of ${file.mtu} octets do not fit the MTU of ${mtu}${where} once they are sealed`,
    hint: `at most ${most} with this suite, layout and encapsulation; left out: that`,
  });
  return most;
}
