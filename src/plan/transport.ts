/** What transport protocols need of the kernel: SCTP's protocol parameters, MPTCP's subflows. */
import type { Setting } from '../host/sysctl.ts';
import type { CellExperiment, SctpSettings } from '../types/experiment.ts';
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

const SUBFLOWS = 8;

/** The client's further addresses become subflows (RFC 8684) as soon as the connection is there. */
export function subflowSteps(cell: CellExperiment): Step[] {
  return cell.flows
    .filter(({ kind }) => kind === 'mptcp')
    .flatMap((flow) => {
      const [own = []] = flow.client === flow.to ? [flow.destinations] : [flow.sources];
      return [flow.from, flow.to].map((node): Step => {
        const endpoints = node === flow.client ? own.slice(1).map((address) => `mptcp endpoint add ${address} subflow`) : [];
        const lines = [`mptcp limits set subflow ${SUBFLOWS} add_addr_accepted ${SUBFLOWS}`, ...endpoints];
        return { phase: 'traffic', title: `MPTCP subflows of ${node}`, do: 'batch', tool: 'ip', node, lines };
      });
    });
}
