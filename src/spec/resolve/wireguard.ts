/** One WireGuard tunnel: an interface called like the connection at both ends, one inner address each. */
import type { WireguardTunnel } from '../../types/experiment.ts';
import { contains, host, type Prefix, parsePrefix } from '../address.ts';
import { interfaceNameProblem } from '../names.ts';
import type { Path } from '../problem.ts';
import type { FileConnection } from '../schema/ipsec.ts';
import { connectionEnds } from './connection-ends.ts';
import { type Context, chosenByMatrix } from './context.ts';
import { checkVirtualIp } from './ipsec.ts';
import { asHost, netsBehind } from './networks.ts';
import { reportName } from './nodes.ts';
import type { Shelter } from './shelter.ts';

/** IANA has assigned WireGuard none; this is what everybody uses. */
const FIRST_PORT = 51820;

function checkInterfaceName(context: Context, name: string, file: FileConnection, path: Path): void {
  const problem = interfaceNameProblem(name);
  const why = 'a WireGuard tunnel is an interface of this name';
  reportName(context.report, path, name, problem && { ...problem, hint: `${why}: ${problem.hint}` });
  for (const node of [file.initiator, file.responder]) {
    if (!context.nodes.get(node)?.interfaces.some((one) => one.name === name)) continue;
    const message = `node "${node}" has an interface "${name}" already`;
    context.report(path, {
      code: 'E_SPEC_CONFLICT',
      message,
      at: 'key',
      got: name,
      hint: `${why}: rename one`,
    });
  }
}

/** The responder's address inside the networks behind it. */
function innerAddress(context: Context, responder: string, file: FileConnection, { family }: Prefix, path: Path): Prefix | null {
  const nets = (file.responderNets ?? netsBehind(context, responder)).map((net) => parsePrefix(net)!);
  const mine = context.owned.filter((owned) => owned.node === responder && owned.prefix.family === family);
  const found = mine.find((owned) => nets.some((net) => contains(net, host(owned.prefix))))?.prefix;
  if (found !== undefined) return found;
  const message = `node "${responder}" has no IPv${family} address inside the networks of the tunnel`;
  const hint = 'give it an interface of "kind: dummy", and compare responderNets';
  if (context.sound) context.report(path, { code: 'E_SPEC_ADDRESS_UNKNOWN', message, at: 'key', hint });
  return null;
}

/** `index` counts the tunnels of the cell. null after a report. */
export function wireguardTunnel(
  context: Context,
  name: string,
  written: FileConnection,
  index: number,
): { tunnel: WireguardTunnel; shelter: Shelter } | null {
  const path: Path = ['ipsec', name];
  const { initiatorAddress, ...file } = written;
  if (initiatorAddress !== undefined && !chosenByMatrix(context, 'wireguard')) {
    const hint = 'it leaves by the best route: remove it';
    context.report([...path, 'initiatorAddress'], { code: 'E_SPEC_CONFLICT', message: 'a WireGuard tunnel is bound to no address', hint });
  }
  checkInterfaceName(context, name, file, path);
  const ends = connectionEnds(context, name, file);
  if (file.virtualIp === undefined) {
    const hint = 'virtualIp: the inner address of the initiator, such as 10.10.0.1';
    context.report([...path, 'virtualIp'], { code: 'E_SPEC_MISSING_KEY', message: 'a WireGuard tunnel needs "virtualIp"', hint });
    return null;
  }
  checkVirtualIp(context, file.virtualIp, path);
  const near = parsePrefix(file.virtualIp)!;
  const far = ends === null ? null : innerAddress(context, ends.responder.name, file, near, path);
  if (ends === null || far === null) return null;
  const common = { name, initiator: ends.initiator.name, responder: ends.responder.name, responderAddress: ends.there.address };
  return {
    tunnel: { ...common, port: FIRST_PORT + index, initiatorInner: near.address, responderInner: far.address },
    shelter: {
      ...{ ...common, initiatorAddress: ends.here.address, mode: 'tunnel', virtualIp: near.address },
      ...{ initiatorNets: [asHost(near)], responderNets: [asHost(far)], mobility: 'mobike', ownInterface: true },
    },
  };
}
