/** What transport protocols need of the kernel: SCTP's protocol parameters, MPTCP's subflows. */
import type { Setting } from '../host/sysctl.ts';
import type { CellExperiment, Flow, SctpSettings } from '../types/experiment.ts';
import type { Step } from './step.ts';

const ms = (seconds: number): string => String(Math.round(seconds * 1000));
const flag = (on: boolean): string => (on ? '1' : '0');

/** sysctls of Documentation/networking/ip-sysctl.rst. The first: the kernel takes no maximum below the minimum, nor the other way round. */
function sctpSettings(s: SctpSettings): Setting[] {
  return [
    ['net.sctp.rto_min', '1'],
    ['net.sctp.rto_max', ms(s.rtoMax)],
    ['net.sctp.rto_min', ms(s.rtoMin)],
    ['net.sctp.rto_initial', ms(s.rtoInitial)],
    ['net.sctp.path_max_retrans', String(s.pathMaxRetrans)],
    ['net.sctp.association_max_retrans', String(s.associationMaxRetrans)],
    ['net.sctp.hb_interval', ms(s.heartbeat)],
    ['net.sctp.pf_enable', flag(s.pfRetrans !== null)],
    ['net.sctp.pf_retrans', String(s.pfRetrans ?? 0)],
    ['net.sctp.sack_timeout', ms(s.sackDelay)],
    ['net.sctp.auth_enable', flag(s.asconf)],
    ['net.sctp.addip_enable', flag(s.asconf)],
    ['net.sctp.default_auto_asconf', flag(s.autoAsconf)],
  ];
}

/** Of a node that is an end of an SCTP association. */
export function transportSettings(cell: CellExperiment, node: string): Setting[] {
  const flow = cell.flows.find((f) => f.sctp !== undefined && (f.from === node || f.to === node));
  return flow?.sctp === undefined ? [] : sctpSettings(flow.sctp);
}

/** MPTCP_PM_ADDR_MAX: the kernel takes no more. */
const SUBFLOWS = 8;

/** Of a node's further addresses: what `ip mptcp` is to make of each, over all of its flows. */
function endpointsOf(flows: readonly Flow[], node: string): string[] {
  const uses = new Map<string, Set<'subflow' | 'signal'>>();
  for (const { from, client, sources = [], destinations = [] } of flows) {
    for (const address of (node === from ? sources : destinations).slice(1)) {
      uses.set(address, (uses.get(address) ?? new Set()).add(node === client ? 'subflow' : 'signal'));
    }
  }
  return [...uses].map(([address, use]) => `mptcp endpoint add ${address} ${[...use].join(' ')}`);
}

/**
 * RFC 8684, as soon as the connection is there: the client's further addresses become subflows; those of the other end are announced
 * (ADD_ADDR, section 3.4.1), and the client connects to them. One step per node, whose endpoints serve all of its connections.
 */
export function subflowSteps(cell: CellExperiment): Step[] {
  const flows = cell.flows.filter(({ kind }) => kind === 'mptcp');
  const nodes = [...new Set(flows.flatMap(({ from, to }) => [from, to]))];
  return nodes.map((node): Step => {
    const mine = flows.filter(({ from, to }) => from === node || to === node);
    const lines = [`mptcp limits set subflow ${SUBFLOWS} add_addr_accepted ${SUBFLOWS}`, ...endpointsOf(mine, node)];
    return { phase: 'traffic', title: `MPTCP subflows of ${node}`, do: 'batch', tool: 'ip', node, lines };
  });
}
