/** One WireGuard tunnel: an interface called like the connection at both ends, one inner address each. */
import type { WireguardTunnel } from '../../types/experiment.ts';
import { parsePrefix } from '../address.ts';
import type { Path } from '../problem.ts';
import type { FileIke } from '../schema/ipsec.ts';
import { connectionEnds } from './connection-ends.ts';
import { type Context, chosenByMatrix } from './context.ts';
import { checkVirtualIp } from './ipsec.ts';
import { asHost } from './networks.ts';
import type { Shelter } from './shelter.ts';
import { checkInterfaceName, innerAddress } from './tunnel-interface.ts';

/** IANA has assigned WireGuard none; this is what everybody uses. */
const FIRST_PORT = 51820;

/** `index` counts the tunnels of the cell. null after a report. */
export function wireguardTunnel(
  context: Context,
  name: string,
  written: FileIke,
  index: number,
): { tunnel: WireguardTunnel; shelter: Shelter } | null {
  const path: Path = ['ipsec', name];
  const { initiatorAddress, ...file } = written;
  if (initiatorAddress !== undefined && !chosenByMatrix(context, 'wireguard')) {
    const hint = 'it leaves by the best route: remove it';
    context.report([...path, 'initiatorAddress'], { code: 'E_SPEC_CONFLICT', message: 'a WireGuard tunnel is bound to no address', hint });
  }
  checkInterfaceName(context, name, file, 'a WireGuard tunnel');
  const ends = connectionEnds(context, name, file);
  if (file.virtualIp === undefined) {
    const hint = 'virtualIp: the inner address of the initiator, such as 10.10.0.1';
    context.report([...path, 'virtualIp'], { code: 'E_SPEC_MISSING_KEY', message: 'a WireGuard tunnel needs "virtualIp"', hint });
    return null;
  }
  checkVirtualIp(context, file.virtualIp, path);
  const near = parsePrefix(file.virtualIp)!;
  const far = ends === null ? null : innerAddress(context, name, file, near);
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
