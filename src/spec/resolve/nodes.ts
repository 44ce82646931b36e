/** Nodes and interfaces: names checked, defaults filled in, addresses collected. */
import type { LabInterface } from '../../types/experiment.ts';
import { isReservedHost, isUnicast, overlaps, parsePrefix, sameAddress } from '../address.ts';
import { show } from '../issue.ts';
import { MAX_ADDRESSES } from '../limits.ts';
import { interfaceNameProblem, type NameProblem, nodeNameProblem } from '../names.ts';
import type { Path, Report } from '../problem.ts';
import type { FileInterface } from '../schema/nodes.ts';
import { type Context, endKey, labRoute, type Owned } from './context.ts';

/** Roles that forward unless told otherwise. */
const FORWARDS = new Set(['router', 'SGW']);

export function reportName(report: Report, path: Path, name: string, problem: NameProblem | null): void {
  if (problem === null) return;
  const message = problem.message.includes(`"${name}"`) ? problem.message : `${problem.message}: ${show(name)}`;
  report(path, { ...problem, message, at: 'key', got: name });
}

/** Addresses of the interface with the path of each; reports unusable ones. */
function addresses(context: Context, node: string, name: string, file: FileInterface): string[] {
  const base: Path = ['nodes', node, 'interfaces', name];
  if (file.address !== undefined && file.addresses !== undefined) {
    context.report([...base, 'addresses'], {
      code: 'E_SPEC_CONFLICT',
      message: '"address" and "addresses" are both given',
      at: 'key',
      hint: 'keep one',
    });
  }
  const listed = (file.addresses ?? []).map((text, index) => [text, [...base, 'addresses', index]] as const);
  const single = file.address === undefined ? [] : [[file.address, [...base, 'address']] as const];
  const all = [...single, ...listed];
  for (const [text, path] of all) {
    const prefix = parsePrefix(text)!;
    if (!isUnicast(prefix)) {
      context.report(path, { code: 'E_SPEC_ADDRESS', message: `${text} cannot be the address of an interface`, hint: 'not unicast' });
    } else if (isReservedHost(prefix)) {
      const hint = 'the first and last address of a network belong to no host';
      context.report(path, { code: 'E_SPEC_ADDRESS', message: `${text} is the network or broadcast address`, hint });
    }
    context.owned.push({ node, interface: name, prefix, path });
  }
  return all.map(([text]) => text);
}

/** Fills `context.nodes` and `context.owned`. */
export function resolveNodes(context: Context): void {
  for (const [name, file] of Object.entries(context.file.nodes)) {
    reportName(context.report, ['nodes', name], name, nodeNameProblem(name));
    const interfaces: LabInterface[] = Object.entries(file.interfaces).map(([interfaceName, one]) => {
      reportName(context.report, ['nodes', name, 'interfaces', interfaceName], interfaceName, interfaceNameProblem(interfaceName));
      return { name: interfaceName, kind: one.kind, addresses: addresses(context, name, interfaceName, one), mtu: one.mtu, up: one.up };
    });
    const forwarding = file.forwarding ?? FORWARDS.has(file.role ?? '');
    const role = file.role === undefined ? {} : { role: file.role };
    const rules = file.rules === undefined ? {} : { rules: file.rules };
    context.nodes.set(name, { name, ...role, forwarding, interfaces, routes: file.routes.map(labRoute), ...rules });
  }
  if (context.nodes.size === 0) {
    context.report(['nodes'], { code: 'E_SPEC_RANGE', message: 'there are no nodes', hint: 'an experiment needs at least one' });
  }
}

/** An interface that should have a link and has none. */
function loose(context: Context, owned: Owned): boolean {
  const one = context.nodes.get(owned.node)!.interfaces.find((candidate) => candidate.name === owned.interface)!;
  return one.kind === 'veth' && !context.peers.has(endKey(owned));
}

/** No address twice, no network on two links; the ends of one link share theirs. Needs the links. */
export function checkAddresses(context: Context): void {
  const { owned, report } = context;
  if (owned.length > MAX_ADDRESSES) {
    report(['nodes'], { code: 'E_SPEC_TOO_BIG', message: `more than ${MAX_ADDRESSES} addresses`, at: 'key', hint: 'split the experiment' });
    return;
  }
  for (const [index, later] of owned.entries()) {
    for (const earlier of owned.slice(0, index)) {
      if (!overlaps(earlier.prefix, later.prefix)) continue;
      const owner = endKey(earlier);
      if (sameAddress(earlier.prefix, later.prefix)) {
        const message = `${later.prefix.address} already belongs to ${owner}`;
        report(later.path, { code: 'E_SPEC_ADDRESS_DUPLICATE', message, hint: 'every interface needs its own address' });
        break;
      }
      const key = endKey(later);
      // Without its link (reported already) an interface has no right or wrong neighbours.
      if (loose(context, earlier) || loose(context, later)) continue;
      if (owner === key || context.peers.get(key)?.link === (context.peers.get(owner)?.link ?? -1)) continue;
      const text = `${later.prefix.address}/${later.prefix.bits}`;
      const message = `the subnet of ${text} overlaps that of ${owner} (${earlier.prefix.address}/${earlier.prefix.bits})`;
      report(later.path, { code: 'E_SPEC_SUBNET_OVERLAP', message, hint: 'only the two ends of one link share a subnet' });
      break;
    }
  }
}
