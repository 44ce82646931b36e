/** Tunnels with an interface at both ends (WireGuard, ESP in zones): its name, and the inner address of the responder. */
import type { MmlTunnel, WireguardTunnel } from '../../types/experiment.ts';
import { contains, host, type Prefix, parsePrefix } from '../address.ts';
import { interfaceNameProblem } from '../names.ts';
import type { Path } from '../problem.ts';
import type { FileConnection } from '../schema/ipsec.ts';
import type { Context } from './context.ts';
import { netsBehind } from './networks.ts';
import { reportName } from './nodes.ts';

/** What both kinds have. */
export type InterfaceTunnel = Pick<WireguardTunnel | MmlTunnel, 'name' | 'initiator' | 'responder' | 'initiatorInner' | 'responderInner'>;

/** `what`: such as "a WireGuard tunnel", for people. Reports a name no interface can have, or one of the two nodes has already. */
export function checkInterfaceName(context: Context, name: string, file: FileConnection, what: string): void {
  const path: Path = ['ipsec', name];
  const problem = interfaceNameProblem(name);
  const why = `${what} is an interface of this name`;
  reportName(context.report, path, name, problem && { ...problem, hint: `${why}: ${problem.hint}` });
  for (const node of [file.initiator, file.responder]) {
    if (!context.nodes.get(node)?.interfaces.some((one) => one.name === name)) continue;
    const message = `node "${node}" has an interface "${name}" already`;
    context.report(path, { code: 'E_SPEC_CONFLICT', message, at: 'key', got: name, hint: `${why}: rename one` });
  }
}

/** The responder's address inside the networks behind it, of the version of `near`. null after a report. */
export function innerAddress(context: Context, name: string, file: FileConnection, { family }: Prefix): Prefix | null {
  const { responder } = file;
  const nets = (file.responderNets ?? netsBehind(context, responder)).map((net) => parsePrefix(net)!);
  const mine = context.owned.filter((owned) => owned.node === responder && owned.prefix.family === family);
  const found = mine.find((owned) => nets.some((net) => contains(net, host(owned.prefix))))?.prefix;
  if (found !== undefined) return found;
  const message = `node "${responder}" has no IPv${family} address inside the networks of the tunnel`;
  const hint = 'give it an interface of "kind: dummy", and compare responderNets';
  if (context.sound) context.report(['ipsec', name], { code: 'E_SPEC_ADDRESS_UNKNOWN', message, at: 'key', hint });
  return null;
}
