/** Bit errors of links: at the ingress of both ends, each with a sequence of its own. */
import { deriveSeed } from '../host/random.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { PlanOptions, Step } from './step.ts';

/** A link without errors gets its counters all the same. */
export function bitErrorSteps(cell: CellExperiment, { seed }: Pick<PlanOptions, 'seed'>): Step[] {
  return cell.links.flatMap(({ bitErrors, ends }) => {
    if (bitErrors === undefined) return [];
    const { ber } = bitErrors;
    return ends.map((end): Step => {
      const own = deriveSeed(bitErrors.seed ?? seed, 'bit-errors', end.node, end.interface);
      return { phase: 'lab', title: `bit errors of what arrives at ${end.node}:${end.interface}`, do: 'bit-errors', end, ber, seed: own };
    });
  });
}
