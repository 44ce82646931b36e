/** Bit errors of a run: attached when its seed is known, counted at its end. */
import { attachBitErrors } from '../biterrors/attach.ts';
import { RoamlabError } from '../types/errors.ts';
import type { RunRecord } from '../types/run.ts';
import type { RunContext } from './context.ts';
import type { Handler } from './handler.ts';

export const setBitErrors: Handler<'bit-errors'> = async (context, { end, ber, seed }) => {
  const name = `${end.node}:${end.interface}`;
  try {
    const handle = attachBitErrors({ netnsPath: context.lab.netnsPath(end.node), interface: end.interface, ber, seed });
    context.bitErrors.set(name, handle);
  } catch (cause) {
    throw new RoamlabError('E_BIT_ERRORS', 1, `${name}: ${(cause as Error).message}`, { cause });
  }
};

/** By interface; nothing where no link has errors. */
export function bitErrorCounts({ bitErrors }: RunContext): Pick<RunRecord, 'bitErrors'> {
  if (bitErrors.size === 0) return {};
  return { bitErrors: Object.fromEntries([...bitErrors].map(([name, handle]) => [name, handle.counts()])) };
}
