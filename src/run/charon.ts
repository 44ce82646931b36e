/** Talking to a node's charon. */
import { Vici } from '../ipsec/vici.ts';
import type { RunContext } from './context.ts';

/** One connection to the charon of `node`, closed when `use` is done. Throws E_VICI (exit 1). */
export async function withVici<T>(context: RunContext, node: string, use: (vici: Vici) => Promise<T>): Promise<T> {
  const charon = context.charons.get(node);
  if (charon === undefined) throw new Error(`no charon on ${node}`);
  const vici = await Vici.connect(context.lab.path(node, charon.socket));
  try {
    return await use(vici);
  } finally {
    vici.close();
  }
}
