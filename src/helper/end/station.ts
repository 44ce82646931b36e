/** One end of a tunnel, or one direction of it, as a thread's work. */
import { droppedBy } from '../../host/raw-socket.ts';
import type { HelperTunnel } from '../../types/helper.ts';
import { FastIn } from '../fast/in.ts';
import { FastOut } from '../fast/out.ts';
import type { EndDescriptors, EndRole, Share } from '../protocol.ts';
import { stageClock } from '../stages.ts';
import type { Source, Station } from '../station.ts';
import { Counts } from './counts.ts';
import { EspIn, PlainIn } from './in.ts';
import { InOrder } from './in-order.ts';
import { EndKeys } from './keys.ts';
import { type EndContext, Out } from './out.ts';
import { modePolicy } from './policy.ts';

export interface EndJob {
  role: EndRole;
  tunnel: HelperTunnel;
  fds: EndDescriptors;
  profile: boolean;
  /** where raw packets go; default the tunnel's other end, null where the socket is connected */
  address?: Uint8Array | null;
}

export function endStation({ role, tunnel, fds, profile, address }: EndJob): Station {
  const policy = modePolicy(tunnel);
  const clock = stageClock(profile);
  const ways = (role === 'both' ? (['out', 'in'] as const) : [role]).map((way) => {
    const keys = new EndKeys(way === 'out' ? 'send' : 'receive', profile ? clock : null);
    const context: EndContext = { tunnel, fds, keys, policy, clock, counts: new Counts(), ...(address !== undefined && { address }) };
    return { way, keys, counts: context.counts, ...sourcesOf(way, context) };
  });
  const inOrder = ways.find((way) => way.inOrder !== null)?.inOrder ?? null;
  return {
    sources: ways.flatMap(({ sources }) => sources),
    due: () => (inOrder?.holds === true ? 0 : Number.POSITIVE_INFINITY),
    onDue() {
      inOrder?.take();
    },
    setKeys(command) {
      if (command.do !== 'keys') throw new Error('an end takes keys of its tunnel');
      for (const { keys } of ways) keys.set(command.tunnel, tunnel.dynamic !== null);
    },
    statistics(): Share {
      const counted = Object.fromEntries(ways.map(({ way, counts }) => [way, counts.statistics]));
      const dropped = droppedBy(fds.esp) + (fds.plain === null ? 0 : droppedBy(fds.plain));
      if (counted.in !== undefined && dropped > 0) counted.in.refused['queue-full'] = dropped;
      return { tunnel: { name: tunnel.name, ...counted }, stages: clock.samples() };
    },
    close() {
      for (const { keys } of ways) keys.wipe();
    },
  };
}

interface Sources {
  sources: readonly Source[];
  /** what joins two of them, if anything */
  inOrder: InOrder | null;
}

function sourcesOf(way: 'out' | 'in', context: EndContext): Sources {
  const single = (source: Source): Sources => ({ sources: [source], inOrder: null });
  if (context.tunnel.speed === 'fast') return single(way === 'out' ? new FastOut(context) : new FastIn(context));
  if (way === 'out') return single(new Out(context));
  const { plain } = context.fds;
  if (plain === null) return single(new EspIn(context));
  const inOrder = new InOrder(new EspIn(context), new PlainIn(plain, context), () => context.clock.start());
  return { sources: inOrder.sources, inOrder };
}
