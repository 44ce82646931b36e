/** Something that carries IP packets between the two nodes. */
import type { Pair } from './pair.ts';

export interface Contender {
  name: string;
  /** Why it cannot run here, or null. */
  missing(): string | null;
  /** Makes it ready. Resolves to the address of b that is reached through it. */
  open(pair: Pair): Promise<Carrier>;
}

export interface Carrier {
  address: string;
  /** processes that carry, as this machine numbers them */
  pids(): number[];
  /** what is worth saying once packets have flowed */
  report?(): Promise<string>;
  close(): Promise<void>;
}

export const plain: Contender = {
  name: 'plain veth',
  missing: () => null,
  open: async () => ({ address: '10.8.0.2', pids: () => [], close: async () => {} }),
};
