/** Flows: which connection or tunnel protects them, from which address to which, and on what port. */

import type { Flow } from '../../types/experiment.ts';
import { isMultihomed } from '../../types/experiment.ts';
import type { FileFlow } from '../schema/flows.ts';
import type { Context } from './context.ts';
import { answeringAddresses, type FlowAddresses, flowAddresses } from './flow-addresses.ts';
import { isWhole } from './flow-checks.ts';
import { checkMptcpEndpoints } from './mptcp-endpoints.ts';
import { multihomedFlow } from './multihomed.ts';
import { checkSctpSettings } from './sctp-settings.ts';
import type { Shelter } from './shelter.ts';
import { checkTcpSettings, tcpSettings } from './tcp-settings.ts';

const FIRST_PORT = 5001;
const DEFAULT_RATE = 100;
const DEFAULT_SIZE = 200;

/** Ports in the order of the file; each flow has its own. */
function ports(context: Context, files: [string, FileFlow][]): number[] {
  const taken = new Set(files.flatMap(([, file]) => file.port ?? []));
  const used = new Set<number>();
  let next = FIRST_PORT;
  return files.map(([name, file]) => {
    while (file.port === undefined && taken.has(next)) next++;
    const port = file.port ?? next++;
    if (used.has(port)) {
      const hint = 'each flow needs its own port';
      context.report(['flows', name, 'port'], { code: 'E_SPEC_PORT_DUPLICATE', message: `port ${port} is used by another flow`, hint });
    }
    used.add(port);
    return port;
  });
}

export function resolveFlows(context: Context, shelters: readonly Shelter[]): Flow[] {
  const files = Object.entries(context.file.flows);
  const port = ports(context, files);
  const resolved = new Map<string, Flow>();
  const resolve = (answering: boolean) => {
    for (const [index, [name, file]] of files.entries()) {
      if ((file.answers !== undefined) !== answering || !isWhole(context, name, file)) continue;
      if (isMultihomed(file)) {
        const made = multihomedFlow(context, shelters, name, file, port[index]!);
        if (made !== null) resolved.set(name, made);
        continue;
      }
      const found =
        file.answers === undefined
          ? flowAddresses(context, shelters, name, file)
          : answeringAddresses(context, shelters, name, file, resolved.get(file.answers));
      if (found !== null) resolved.set(name, runtimeFlow(name, file, port[index]!, found));
    }
  };
  resolve(false);
  resolve(true);
  const flows = files.flatMap(([name]) => resolved.get(name) ?? []);
  checkSctpSettings(context, flows);
  checkTcpSettings(context, flows);
  checkMptcpEndpoints(context, flows);
  return flows;
}

function runtimeFlow(name: string, file: FileFlow, port: number, { source, destination, byRoute, protectedBy }: FlowAddresses): Flow {
  const { kind, from, to, answers } = file;
  const udp = kind === 'udp';
  return {
    ...{ name, kind, from, to, source, destination, port },
    ...(byRoute === undefined ? {} : { byRoute }),
    ...(kind === 'tcp' && file.tcp !== undefined ? { tcp: tcpSettings(file.tcp) } : {}),
    ...(udp && answers !== undefined ? { answers } : {}),
    rate: udp ? (file.rate ?? DEFAULT_RATE) : 0,
    size: udp ? (file.size ?? DEFAULT_SIZE) : 0,
    protectedBy,
  };
}
