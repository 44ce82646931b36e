/** Instructions per packet are counted of udp flows and by the virtual clock; asked for without either, they would be missing. */
import type { Report } from './problem.ts';
import type { ExperimentFile } from './schema/experiment.ts';

/** `files`: what the file says in each of its cells. Reports what keeps `CPU` from being measured in all of them. */
export function checkCpu(files: readonly ExperimentFile[], report: Report): void {
  const asking = files.filter(({ measure }) => measure?.includes('CPU'));
  const [first] = asking;
  if (first === undefined) return;
  const path = ['measure', first.measure!.indexOf('CPU')];
  const refuse = (message: string, hint: string) => report(path, { code: 'E_SPEC_CONFLICT', message, hint });
  if (first.clock === 'real') refuse('CPU is not measured with "clock: real"', 'the virtual clock counts instructions: remove one of them');
  if (asking.some(({ flows }) => Object.values(flows).some(({ kind }) => kind === 'udp'))) return;
  refuse('CPU is measured of udp flows, and there is none', 'give a flow "kind: udp", or remove CPU');
}
