/** What a host has to do with a flow's packets, in words. */
import type { Hosts, Summary } from '../../types/run.ts';

/** Who of a summary does what; older ones do not tell. */
export function partsOf({ hosts }: Pick<Summary, 'hosts'>): (node: string, flow: string) => string {
  const roles = new Map(Object.entries(hosts?.roles ?? {}));
  const flows = new Map(Object.entries(hosts?.flows ?? {}));
  return (node, flow) => {
    const what = part(node, flows.get(flow), roles.get(node));
    return what === node ? node : `${what} ${node}`;
  };
}

function part(node: string, ends: Hosts['flows'][string] | undefined, role: Hosts['roles'][string] | undefined): string {
  if (ends === undefined) return 'host';
  if (node === ends.from) return 'sending host';
  if (node === ends.to) return 'receiving host';
  return role === 'SGW' ? 'gateway' : 'forwarding host';
}
