/**
 * Mobility events as iproute2 commands. They are typed because MOBIKE reacts differently to each: an interface that goes
 * administratively down raises netlink events at once, a path that dies silently raises none. All changes of one
 * event on one node are one batch: without a route at that instant strongSwan defers the update.
 */
import type { CellExperiment, LabRoute, MobilityEvent } from '../types/experiment.ts';
import { exitOf, linkSides } from '../types/wire.ts';
import { canonicalAddress } from './netlink.ts';

export interface EventCommands {
  node: string;
  tool: 'ip' | 'tc';
  lines: string[];
}

/** Words of `ip route add`; the caller puts `route add` or `route del` before them. */
export function routeWords(route: LabRoute): string {
  const via = route.via === undefined ? '' : ` via ${route.via}`;
  const dev = route.dev === undefined ? '' : ` dev ${route.dev}`;
  // left out it means 0, the best; the kernel takes an IPv6 route without one, or with 0, for 1024
  const six = route.to.includes(':') || route.via?.includes(':') === true;
  const wanted = six ? route.metric || 1 : route.metric;
  const metric = wanted === undefined ? '' : ` metric ${wanted}`;
  const table = route.table === undefined ? '' : ` table ${route.table}`;
  return `${route.to}${via}${dev}${metric}${table}`;
}

const routesVia = (cell: CellExperiment, node: string, dev: string): string[] =>
  (cell.nodes.find((n) => n.name === node)?.routes ?? []).filter((r) => r.dev === dev).map((r) => `route replace ${routeWords(r)}`);

/** What happens on which node, in order. An event of one node is one batch. */
export function eventCommands(cell: CellExperiment, event: MobilityEvent): EventCommands[] {
  switch (event.kind) {
    case 'make-before-break':
    case 'mobike':
      return []; // charon is told, not the kernel
    case 'asconf':
      return []; // the traffic thread does it at its socket
    case 'admin-down':
      return [{ node: event.node, tool: 'ip', lines: [`link set dev ${event.interface} down`] }];
    case 'interface-up':
      return [
        { node: event.node, tool: 'ip', lines: [`link set dev ${event.interface} up`, ...routesVia(cell, event.node, event.interface)] },
      ];
    case 'carrier-off': {
      const { peer } = linkSides(cell, event)[0];
      return [{ node: peer.node, tool: 'ip', lines: [`link set dev ${peer.interface} down`] }];
    }
    case 'blackhole': {
      const [own, far] = linkSides(cell, event);
      const exits = [exitOf(own, far), exitOf(far, own)];
      const cut = (dev: string) => `qdisc replace dev ${dev} root netem loss 100%`;
      if (exits[0]?.node === exits[1]?.node) return [{ node: exits[0]?.node ?? '', tool: 'tc', lines: exits.map((e) => cut(e.interface)) }];
      return exits.map((e) => ({ node: e.node, tool: 'tc', lines: [cut(e.interface)] }));
    }
    case 'readdress':
      return [
        {
          node: event.node,
          tool: 'ip',
          lines: [
            `addr del ${event.from} dev ${event.interface}`,
            `addr add ${event.to} dev ${event.interface}${event.to.includes(':') ? ' nodad' : ''}`,
            ...event.routes.map((r) => `route replace ${routeWords(r)}`),
          ],
        },
      ];
    case 'route-swap':
      return [
        {
          node: event.node,
          tool: 'ip',
          lines: [...event.remove.map((r) => `route del ${routeWords(r)}`), ...event.add.map((r) => `route replace ${routeWords(r)}`)],
        },
      ];
  }
}

/** Start of the netlink notification (see monitor.ts) that confirms the event at its own node. */
export function confirmation(cell: CellExperiment, event: MobilityEvent): { node: string; starts: string } {
  switch (event.kind) {
    case 'make-before-break':
      return { node: event.node, starts: 'mobike update' };
    case 'mobike':
      return { node: event.node, starts: `mobike ${event.action}` };
    case 'asconf':
      return { node: event.node, starts: `asconf ${event.action}` };
    case 'admin-down':
      return { node: event.node, starts: `link ${event.interface} down` };
    case 'interface-up':
      return { node: event.node, starts: `link ${event.interface} up` };
    case 'carrier-off':
      return { node: event.node, starts: `link ${event.interface} up no-carrier` };
    case 'blackhole':
      // seen where the first of the two qdiscs is replaced
      return { node: eventCommands(cell, event)[0]?.node ?? event.node, starts: 'qdisc' };
    case 'readdress':
      return { node: event.node, starts: `address del ${event.from.replace(/^[^/]+/, canonicalAddress)}` };
    case 'route-swap':
      return { node: event.node, starts: 'route' };
  }
}
