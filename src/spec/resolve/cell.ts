/** One cell: the validated file with its references filled in becomes a runtime experiment, or problems are reported. */
import { type CellExperiment, type LinkEnd, METRICS } from '../../types/experiment.ts';
import { MAX_ENTRIES } from '../limits.ts';
import type { Cell } from '../matrix.ts';
import type { Report } from '../problem.ts';
import type { ExperimentFile } from '../schema/experiment.ts';
import { checkRules, resolveCharon } from './charon.ts';
import { type Context, endKey, interfaceAt } from './context.ts';
import { resolveFlows } from './flows.ts';
import { resolveIpsec } from './ipsec.ts';
import { resolveLinks } from './links.ts';
import { checkAddresses, resolveNodes } from './nodes.ts';
import { checkRoutes } from './routes.ts';
import { resolveTimeline } from './timeline.ts';

/** Every end of a link unless the file names some. */
function captures(context: Context): LinkEnd[] {
  if (context.file.capture === undefined) {
    const all = [...context.nodes.values()].flatMap((node) => node.interfaces.map((one) => ({ node: node.name, interface: one.name })));
    return all.filter((end) => context.peers.has(endKey(end)));
  }
  const seen = new Set<string>();
  for (const [index, end] of context.file.capture.entries()) {
    interfaceAt(context, end, ['capture', index]);
    if (seen.has(endKey(end))) context.report(['capture', index], { code: 'E_SPEC_CONFLICT', message: `${endKey(end)} is listed twice` });
    seen.add(endKey(end));
  }
  return context.file.capture;
}

/** Keeps the pairwise checks short. */
function tooMany(file: ExperimentFile, report: Report): boolean {
  const over = (Object.keys(MAX_ENTRIES) as (keyof typeof MAX_ENTRIES)[]).filter((key) => Object.keys(file[key]).length > MAX_ENTRIES[key]);
  for (const key of over) {
    report([key], {
      code: 'E_SPEC_TOO_BIG',
      message: `more than ${MAX_ENTRIES[key]} entries`,
      at: 'key',
      got: key,
      hint: 'split the experiment',
    });
  }
  return over.length > 0;
}

/** The result means nothing when something was reported; null when that was the size. */
export function resolveCell(file: ExperimentFile, cell: string, values: Cell, report: Report): CellExperiment | null {
  if (tooMany(file, report)) return null;
  let failed = false;
  const fail: Report = (path, problem) => {
    failed = true;
    report(path, problem);
  };
  const context: Context = { file, values, report: fail, sound: true, nodes: new Map(), owned: [], peers: new Map() };
  resolveNodes(context);
  const links = resolveLinks(context);
  checkAddresses(context);
  checkRoutes(context);
  checkRules(context);
  context.sound = !failed;
  const ipsec = resolveIpsec(context);
  resolveCharon(context, ipsec);
  const flows = resolveFlows(context, ipsec);
  const timeline = resolveTimeline(context, ipsec);
  return {
    name: file.name,
    cell,
    values,
    nodes: [...context.nodes.values()],
    links,
    ipsec,
    flows,
    timeline,
    duration: file.duration,
    measure: [...new Set(file.measure ?? METRICS)],
    captures: captures(context),
    ...(file.paper === undefined ? {} : { paper: file.paper }),
  };
}
