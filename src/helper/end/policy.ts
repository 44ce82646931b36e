/** In which mode packets are sent, and which are taken. */
import { DynamicPolicy } from '../../mlipsec/index.ts';
import type { ProtectionMode } from '../../types/experiment.ts';
import type { HelperTunnel } from '../../types/helper.ts';

export interface ModePolicy {
  /** null: the tunnel's only one */
  chooseMode(inner: Uint8Array): ProtectionMode | null;
  /** null, or why a packet in this mode is not taken */
  accept(mode: ProtectionMode, inner: Uint8Array): string | null;
}

const ONE_MODE: ModePolicy = { chooseMode: () => null, accept: () => null };

/** The agreement is both ends' configuration, and lasts as long as the tunnel. */
export function modePolicy({ dynamic }: HelperTunnel): ModePolicy {
  if (dynamic === null) return ONE_MODE;
  return new DynamicPolicy({ agreement: { ...dynamic, until: Number.POSITIVE_INFINITY }, now: () => performance.now() / 1000 });
}
