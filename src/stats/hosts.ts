/** Who sends, receives and forwards what: instructions per packet are named by node and flow, and mean little without it. */
import type { CellExperiment } from '../types/experiment.ts';
import type { Hosts } from '../types/run.ts';

/** Null when no cell measures CPU. Roles and ends are as the first cell has them. */
export function hostsOf({ cells }: { cells: readonly CellExperiment[] }): Hosts | null {
  const counting = cells.filter(({ measure }) => measure.includes('CPU'));
  if (counting.length === 0) return null;
  const roles = new Map<string, Hosts['roles'][string]>();
  for (const { name, role } of counting.flatMap(({ nodes }) => nodes)) if (role !== undefined && !roles.has(name)) roles.set(name, role);
  const flows = new Map<string, Hosts['flows'][string]>();
  for (const [name, same] of Map.groupBy(
    counting.flatMap((cell) => cell.flows),
    (flow) => flow.name,
  )) {
    const { from, to, size } = same[0]!;
    flows.set(name, { from, to, ...(same.every((flow) => flow.size === size) ? { size } : {}) });
  }
  const paper = counting.find((cell) => cell.paper !== undefined)?.paper;
  return { roles: Object.fromEntries(roles), flows: Object.fromEntries(flows), ...(paper === undefined ? {} : { paper }) };
}
