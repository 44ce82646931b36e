/** What transport protocols need of the kernel: SCTP's protocol parameters, MPTCP's subflows, how old a TCP is. */
import type { Setting } from '../host/sysctl.ts';
import { contains, host, parsePrefix } from '../spec/address.ts';
import type { CellExperiment, Flow, LabNode, SctpSettings, TcpSettings } from '../types/experiment.ts';
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

/** What a packet of 1500 octets takes of memory at its sender, for each octet of data. As SO_SNDBUF counts (socket(7)). */
const SENDING = 2;
/**
 * The same at its receiver, which offers the window that is left: 3.2 where the interface has an XDP program (a page for each packet), 1.6
 * where it has none. With too little, the link with bit errors would have the smaller window.
 */
const RECEIVING = 4;

/** Of tcp_rmem and tcp_wmem: least, default and most. */
const pinned = (octets: number): string => Array(3).fill(String(octets)).join(' ');

/**
 * sysctls of Documentation/networking/ip-sysctl.rst. Of a buffer the kernel counts what its packets take of memory, so that more octets are
 * asked for than are to be under way; a window without scaling ends at 65535 octets by itself.
 */
function tcpSettings(s: TcpSettings): Setting[] {
  return [
    ['net.ipv4.tcp_congestion_control', s.congestion],
    ['net.ipv4.tcp_sack', flag(s.sack)],
    ['net.ipv4.tcp_timestamps', flag(s.timestamps)],
    ['net.ipv4.tcp_window_scaling', flag(s.windowScaling)],
    ['net.ipv4.tcp_ecn', flag(s.ecn)],
    ['net.ipv4.tcp_recovery', s.modernRecovery ? '1' : '0'],
    ['net.ipv4.tcp_early_retrans', s.modernRecovery ? '3' : '0'],
    ['net.ipv4.tcp_frto', s.modernRecovery ? '2' : '0'],
    ['net.ipv4.tcp_no_metrics_save', '1'],
    ...(s.buffer === null
      ? []
      : ([
          ['net.ipv4.tcp_moderate_rcvbuf', '0'],
          ['net.ipv4.tcp_rmem', pinned(RECEIVING * s.buffer)],
          ['net.ipv4.tcp_wmem', pinned(SENDING * s.buffer)],
        ] as const)),
  ];
}

const isEnd = (flow: Flow, node: string): boolean => flow.from === node || flow.to === node;

/** Of a node that is an end of an SCTP association, or of a TCP connection with settings of its own. */
export function transportSettings(cell: CellExperiment, node: string): Setting[] {
  const mine = cell.flows.filter((flow) => isEnd(flow, node));
  const sctp = mine.find((flow) => flow.sctp !== undefined)?.sctp;
  const tcp = mine.find((flow) => flow.tcp !== undefined)?.tcp;
  return [...(sctp === undefined ? [] : sctpSettings(sctp)), ...(tcp === undefined ? [] : tcpSettings(tcp))];
}

/** ` initcwnd 2` for the routes of a node that sends with an initial window of its own; empty for the others. */
export function initialWindow(cell: CellExperiment, node: string): string {
  const segments = cell.flows.find(({ from, tcp }) => from === node && tcp !== undefined && tcp.initialWindow !== null)?.tcp?.initialWindow;
  return segments === undefined || segments === null ? '' : ` initcwnd ${segments}`;
}

/** A connected network has a route that the file does not name: where a flow goes there, its destination gets one with the initial window. */
export function connectedRoutes(cell: CellExperiment, node: LabNode): string[] {
  const window = initialWindow(cell, node.name);
  if (window === '') return [];
  const lines = cell.flows
    .filter(({ from, tcp }) => from === node.name && tcp !== undefined)
    .flatMap(({ destination, source }) => {
      const target = parsePrefix(destination);
      const near = node.interfaces.find(({ addresses }) =>
        addresses.map(parsePrefix).some((own) => target !== null && own !== null && contains(own, host(target))),
      );
      return near === undefined || target === null
        ? []
        : [`route add ${destination}/${host(target).bits} dev ${near.name} src ${source}${window}`];
    });
  return [...new Set(lines)];
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
