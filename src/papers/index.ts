/** papers: what papers printed, with its place, and which experiment measures it here. Data only. */
import type { Paper } from './claim.ts';
import { MML_IPSEC } from './mml-ipsec.ts';

export type { CellValues, Claim, Expression, Paper, Printed, Reading, Term } from './claim.ts';
export { evaluate, type Lookup, termsOf } from './evaluate.ts';
export { MML_IPSEC } from './mml-ipsec.ts';

const PAPERS: readonly Paper[] = [MML_IPSEC];

/** By the id that an experiment's file says; undefined for a paper whose values are not here. */
export function paperOf(id: string | undefined): Paper | undefined {
  return PAPERS.find((paper) => paper.id === id);
}
