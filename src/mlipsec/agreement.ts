/** What both ends of a tunnel agreed on for dynamic MML-IPsec: how weak a packet may be, and until when. */
import type { DynamicSettings, ProtectionMode } from '../types/experiment.ts';
import type { FlowKey } from './flow-key.ts';

/** Rising strength: nothing; end to end; end to end and, in zone 1, to the foreign agent. */
const MODES: readonly ProtectionMode[] = ['plain', 'ipsec', 'mml'];
export const STRONGEST: ProtectionMode = 'mml';
/** `everyNth` from here on: not even the first packet of a flow is in the strongest mode. */
export const NEVER = 2 ** 31 - 1;

export const isStronger = (a: ProtectionMode, b: ProtectionMode): boolean => MODES.indexOf(a) > MODES.indexOf(b);
export const stronger = (a: ProtectionMode, b: ProtectionMode): ProtectionMode => (isStronger(a, b) ? a : b);

/**
 * Whoever hands one over vouches that it was authenticated: both ends' configuration, or a negotiation under IKE's protection. `until`:
 * seconds of the clock the policy was given, Infinity for as long as the tunnel lasts.
 */
export interface Agreement extends DynamicSettings {
  readonly until: number;
}

/** What of an agreement applies to a flow: every n-th packet in the strongest mode, or from NEVER on none, the others in `otherwise`. */
export interface Terms {
  readonly everyNth: number;
  readonly otherwise: ProtectionMode;
}

/** Nothing was agreed, or nothing is known of the packet. */
export const STRICT: Terms = { everyNth: 1, otherwise: STRONGEST };

/** What is wrong with an agreement, or null. */
export function agreementFault({ everyNth, otherwise, perFlow, until }: Agreement): string | null {
  if (!Number.isSafeInteger(everyNth) || everyNth < 1) return `every ${everyNth}th packet: it takes a whole number from 1`;
  if (![otherwise, ...perFlow.map(({ mode }) => mode)].every((mode) => MODES.includes(mode))) return `modes are ${MODES.join(', ')}`;
  if (!perFlow.every(({ port }) => Number.isInteger(port) && port > 0 && port <= 0xffff)) return 'a port is from 1 to 65535';
  if (Number.isNaN(until)) return 'it ends at no time';
  return null;
}

/**
 * The terms for a flow. Of several entries that match its ports the strongest counts: who chooses his own port cannot have a protected
 * service in clear.
 */
export function termsFor({ everyNth, otherwise, perFlow }: DynamicSettings, { ports }: FlowKey): Terms {
  let own: ProtectionMode | null = null;
  for (const { port, mode } of perFlow) if (ports.includes(port)) own = own === null ? mode : stronger(own, mode);
  if (own === STRONGEST) return STRICT;
  if (own !== null) return { everyNth: NEVER, otherwise: own };
  return everyNth === 1 || otherwise === STRONGEST ? STRICT : { everyNth: Math.min(everyNth, NEVER), otherwise };
}
