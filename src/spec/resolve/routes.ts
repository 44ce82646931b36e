/** Static routes, as the kernel would take them: a next hop on a subnet of the node, no route twice. */
import type { LabNode, LabRoute } from '../../types/experiment.ts';
import { parsePrefix } from '../address.ts';
import type { Path } from '../problem.ts';
import { type Context, interfaceAt } from './context.ts';
import { routeInterface } from './routing.ts';

/** `down`: the next hop lies behind an interface that starts down. */
function hopProblem(context: Context, node: LabNode, route: LabRoute): { message: string; hint: string } | null {
  if (route.via === undefined) return null;
  if (routeInterface(context, node.name, route) !== undefined) return null;
  if (node.interfaces.some((one) => !one.up)) {
    return {
      message: `next hop ${route.via} is not reachable at start`,
      hint: 'is its interface down? add the route with a route-swap event',
    };
  }
  const device = route.dev === undefined ? '' : ` over ${route.dev}`;
  return { message: `next hop ${route.via} is on no subnet of "${node.name}"${device}`, hint: 'a next hop must be on a link of the node' };
}

/** Same destination and family-consistent next hop; also used for the routes of events. */
export function checkRoute(context: Context, node: LabNode, route: LabRoute, path: Path): boolean {
  if (route.dev !== undefined && interfaceAt(context, { node: node.name, interface: route.dev }, path) === null) return false;
  if (route.via === undefined && route.dev === undefined) {
    context.report(path, {
      code: 'E_SPEC_ROUTE',
      message: 'the route has neither "via" nor "dev"',
      hint: 'such as { to: default, via: 10.1.0.1 }',
    });
    return false;
  }
  if (route.via !== undefined && route.to !== 'default' && parsePrefix(route.to)!.family !== parsePrefix(route.via)!.family) {
    context.report(path, { code: 'E_SPEC_ROUTE', message: 'destination and next hop are of different IP versions' });
    return false;
  }
  return true;
}

export function checkRoutes(context: Context): void {
  for (const node of context.nodes.values()) {
    const seen = new Set<string>();
    for (const [index, route] of node.routes.entries()) {
      const path: Path = ['nodes', node.name, 'routes', index];
      if (!checkRoute(context, node, route, path)) continue;
      const problem = hopProblem(context, node, route);
      if (problem !== null) context.report(path, { code: 'E_SPEC_ROUTE_NEXT_HOP', ...problem });
      const family = (route.via ?? route.to).includes(':') ? 6 : 4;
      const key = `${route.to} ${family} ${route.metric ?? 0} ${route.table ?? ''}`;
      if (seen.has(key)) {
        const hint = 'the kernel keeps one per destination and metric: give one a "metric"';
        context.report(path, {
          code: 'E_SPEC_ROUTE_DUPLICATE',
          message: `a second route to ${route.to} with metric ${route.metric ?? 0}`,
          hint,
        });
      }
      seen.add(key);
    }
  }
}
