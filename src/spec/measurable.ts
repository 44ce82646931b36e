/** Metrics asked for by name that nothing in the file could be measured of would be missing from every run. */
import type { MetricName } from '../types/experiment.ts';
import type { Report } from './problem.ts';
import type { ExperimentFile } from './schema/experiment.ts';

interface Need {
  /** whether the file has, in this cell, what is measured */
  met: (file: ExperimentFile) => boolean;
  of: string;
  hint: string;
}

const ofTcp = (name: MetricName): Need => ({
  met: ({ flows }) => Object.values(flows).some(({ kind }) => kind === 'tcp'),
  of: 'tcp flows',
  hint: `give a flow "kind: tcp", or remove ${name}`,
});

const NEEDS: Partial<Record<MetricName, Need>> = {
  CPU: {
    met: ({ flows }) => Object.values(flows).some(({ kind }) => kind === 'udp'),
    of: 'udp flows',
    hint: 'give a flow "kind: udp", or remove CPU',
  },
  goodput: ofTcp('goodput'),
  cwnd: ofTcp('cwnd'),
  stages: {
    met: ({ ipsec, nodes }) =>
      Object.values(ipsec).some(({ kind }) => kind === 'mml') || Object.values(nodes).some(({ snoop }) => snoop !== undefined),
    of: 'the ESP helper, which "kind: mml" and "snoop" start',
    hint: 'have one of them, or remove stages',
  },
};

/** `files`: what the file says in each of its cells. Reports what keeps a metric from being measured in all of them. */
export function checkMeasurable(files: readonly ExperimentFile[], report: Report): void {
  for (const [name, { met, of, hint }] of Object.entries(NEEDS)) {
    const asking = files.filter(({ measure }) => measure?.includes(name as MetricName));
    const [first] = asking;
    if (first === undefined) continue;
    const path = ['measure', first.measure!.indexOf(name as MetricName)];
    const refuse = (message: string, advice: string) => report(path, { code: 'E_SPEC_CONFLICT', message, hint: advice });
    if (name === 'CPU' && first.clock === 'real') {
      refuse('CPU is not measured with "clock: real"', 'the virtual clock counts instructions: remove one of them');
    }
    if (!asking.some(met)) refuse(`${name} is measured of ${of}, and there is none`, hint);
  }
}
