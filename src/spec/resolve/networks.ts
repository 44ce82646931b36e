/** Traffic selectors as text, and those a tunnel has when the file names none. */
import type { Prefix } from '../address.ts';
import type { Context } from './context.ts';

export const asHost = (prefix: Prefix): string => `${prefix.address}/${prefix.family === 4 ? 32 : 128}`;

export const asNetwork = (prefix: Prefix): string => {
  if (prefix.family === 4) return `${[24n, 16n, 8n, 0n].map((shift) => (prefix.first >> shift) & 255n).join('.')}/${prefix.bits}`;
  const words = Array.from({ length: 8 }, (_, i) => ((prefix.first >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return `${words.join(':')}/${prefix.bits}`;
};

/** The networks of the node's dummy interfaces. */
export function netsBehind(context: Context, node: string): string[] {
  const dummies = context.nodes.get(node)!.interfaces.filter((one) => one.kind === 'dummy');
  const behind = context.owned.filter((owned) => owned.node === node && dummies.some((one) => one.name === owned.interface));
  return behind.map((owned) => asNetwork(owned.prefix));
}
