/** One IPsec connection: addresses and selectors filled in. */
import type { IpsecConnection } from '../../types/experiment.ts';
import { overlaps, parsePrefix } from '../address.ts';
import type { Path } from '../problem.ts';
import type { FileIke } from '../schema/ipsec.ts';
import type { Security } from '../security.ts';
import { connectionEnds } from './connection-ends.ts';
import { type Context, chosenByMatrix } from './context.ts';
import { asHost, netsBehind } from './networks.ts';

type Esp = Extract<Security, { kind: 'ipsec' }>;

/** An inner address lies in no subnet of the lab. */
export function checkVirtualIp(context: Context, virtualIp: string, path: Path): void {
  const inside = context.owned.find((owned) => overlaps(owned.prefix, parsePrefix(virtualIp)!));
  if (inside === undefined) return;
  const message = `${virtualIp} lies inside the subnet of ${inside.node}:${inside.interface}`;
  context.report([...path, 'virtualIp'], { code: 'E_SPEC_VIRTUAL_IP', message, hint: 'take an address outside every subnet' });
}

/** Where the matrix chooses between the modes or protections, what only tunnels have stands in the file for their cells. */
function ofMode(context: Context, file: FileIke, { mode }: Esp): FileIke {
  if (mode === 'tunnel' || !chosenByMatrix(context, file.security ?? mode)) return file;
  const { virtualIp: _, responderNets: __, initiatorNets: ___, ...rest } = file;
  return rest;
}

/** null after a report. */
export function ipsecConnection(context: Context, name: string, written: FileIke, security: Esp): IpsecConnection | null {
  const file = ofMode(context, written, security);
  const path: Path = ['ipsec', name];
  const tunnel = security.mode === 'tunnel';
  if (file.virtualIp !== undefined && !tunnel) {
    const hint = 'remove it or use mode tunnel';
    context.report([...path, 'virtualIp'], { code: 'E_SPEC_CONFLICT', message: 'transport mode has no virtual address', hint });
  } else if (file.virtualIp !== undefined) checkVirtualIp(context, file.virtualIp, path);
  const ends = connectionEnds(context, name, file);
  if (ends === null) return null;
  const { initiator, responder, here, there } = ends;
  const behind = tunnel ? netsBehind(context, responder.name) : [];
  const inner = tunnel && file.virtualIp !== undefined ? parsePrefix(file.virtualIp)! : here;
  return {
    name,
    initiator: initiator.name,
    responder: responder.name,
    initiatorAddress: here.address,
    responderAddress: there.address,
    mode: security.mode,
    ike: file.ike,
    esp: security.esp,
    ...(file.virtualIp === undefined ? {} : { virtualIp: file.virtualIp }),
    responderNets: file.responderNets ?? (behind.length > 0 ? behind : [asHost(there)]),
    initiatorNets: file.initiatorNets ?? [asHost(inner)],
    mobility: file.mobility,
    ...(file.mobility === 'none' && file.initiatorAddress !== undefined ? { pinned: true as const } : {}),
  };
}
