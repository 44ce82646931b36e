/** What a guest program says when it cannot go on. */
import { RoamlabError } from '../../types/errors.ts';
import type { GuestMessage } from '../protocol.ts';

export function failure(error: unknown): GuestMessage {
  const known = error instanceof RoamlabError ? error : null;
  const message = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
  const hint = known?.hint === undefined ? {} : { hint: known.hint };
  return { type: 'failed', message, code: known?.code ?? 'E_GUEST', exit: known?.exit ?? 1, ...hint };
}
