/**
 * What the mode costs of what protection itself adds. Instructions per packet also hold sending, reading and the capture, which protection
 * does not change: their sum hides part of the difference between the modes.
 */

/** Nearer to the cell without protection than this part of it, a host does nothing for protection: the rest is how the code happens to lie. */
const NOTHING = 0.05;

export interface Added {
  /** instructions per packet beside none; null: none that matter */
  transport: number | null;
  tunnel: number | null;
  /** null unless protection costs something in both */
  ratio: number | null;
}

/** From medians in the order of `securities`; null when one of the three cells has none. */
export function addedBy(cipher: string, securities: readonly string[], medians: readonly (number | null)[]): Added | null {
  const of = (security: string): number | null => medians[securities.indexOf(security)] ?? null;
  const [none, transport, tunnel] = [of('none'), of(`${cipher}-transport`), of(`${cipher}-tunnel`)];
  if (none === null || transport === null || tunnel === null) return null;
  const beside = (median: number): number | null => (Math.abs(median - none) < NOTHING * none ? null : median - none);
  const added = { transport: beside(transport), tunnel: beside(tunnel) };
  const ratio = positive(added.transport) && positive(added.tunnel) ? added.transport / added.tunnel : null;
  return { ...added, ratio };
}

const positive = (value: number | null): value is number => value !== null && value > 0;
