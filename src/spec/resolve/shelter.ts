/** What flows need to know of an IPsec connection or a WireGuard tunnel: whose packets it protects, and how they are addressed. */
import type { IpsecConnection } from '../../types/experiment.ts';

type Known = 'name' | 'initiator' | 'responder' | 'initiatorAddress' | 'responderAddress' | 'mode' | 'virtualIp';
export interface Shelter extends Pick<IpsecConnection, Known | 'responderNets' | 'initiatorNets' | 'mobility' | 'pinned'> {
  /** WireGuard: routes to the inner addresses go by it, whatever becomes of links */
  ownInterface?: true;
}
