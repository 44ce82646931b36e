/**
 * What the file says of helpers, SNOOP and bit errors took place: SNOOP saw data, every packet that arrived by a link with bit errors had
 * passed their program, and helpers lost nothing of their own accord. Where losses are what is measured, such a loss is taken for one of the
 * radio's, and the run is invalid; what a helper refuses otherwise is a warning.
 */
import type { Gate } from '../../types/run.ts';
import type { CaptureInput, MetricInput } from '../input.ts';
import type { FlowResult } from '../stalled.ts';
import { wayOf } from '../way.ts';

/** Copies that SNOOP's repairs were not needed for, and what RFC 3948 has on the port besides ESP. */
const EXPECTED = new Set(['replayed', 'keepalive', 'ike', 'dummy']);
/** Genuine packets for which there was no place. */
const LOST = new Set(['queue-full', 'tun-failed', 'no-room']);

interface Refused {
  lost: string[];
  other: string[];
}

/** Null for a cell without any of them, and for a run that ended early: it counted nothing. */
export function helpers(input: MetricInput, flows: ReadonlyMap<string, FlowResult>): Gate | null {
  const { cell, run } = input;
  const wireless = cell.links.some(({ bitErrors }) => bitErrors !== undefined);
  if (run.error !== null || (run.helpers === undefined && !wireless)) return null;
  const { lost, other } = refused(input);
  const wrong = [...blind(input, flows), ...uncounted(input), ...(wireless ? lost : [])];
  const doubtful = [...(wireless ? [] : lost), ...other];
  const problems = [...wrong, ...doubtful];
  return {
    name: 'helpers',
    ok: problems.length === 0,
    severity: wrong.length > 0 ? 'invalid' : 'warning',
    detail: problems.join('; ') || 'nothing lost or refused',
  };
}

function refused({ run }: MetricInput): Refused {
  const found: Refused = { lost: [], other: [] };
  const add = (where: string, reasons: Record<string, number>): void => {
    for (const [reason, count] of Object.entries(reasons)) {
      if (EXPECTED.has(reason) || count === 0) continue;
      if (LOST.has(reason)) found.lost.push(`the helper of ${where} had no room for ${count} packets (${reason})`);
      else found.other.push(`the helper of ${where} refused ${count} packets (${reason})`);
    }
  };
  for (const [node, { tunnels, agent }] of Object.entries(run.helpers ?? {})) {
    for (const [tunnel, { out, in: inbound }] of Object.entries(tunnels)) {
      add(`${node}, ${tunnel} out`, out.refused);
      add(`${node}, ${tunnel} in`, inbound.refused);
    }
    if (agent !== null) add(`${node}, zone 1`, agent.refused);
  }
  return found;
}

/** Agents that cached nothing of a transfer: whatever was measured, it was not SNOOP. */
function blind({ cell, run }: MetricInput, flows: ReadonlyMap<string, FlowResult>): string[] {
  const moved = cell.flows.some(({ kind, name }) => kind === 'tcp' && (flows.get(name)?.portions.length ?? 0) > 0);
  return Object.entries(run.helpers ?? {}).flatMap(([node, { agent }]) =>
    moved && agent?.snoop?.data === 0 ? [`SNOOP at ${node} saw no data of any connection`] : [],
  );
}

/** Interfaces of links with bit errors at which more arrived than their program let through. */
function uncounted({ cell, run, captures }: MetricInput): string[] {
  const ends = cell.links.flatMap(({ bitErrors, ends: both }) => (bitErrors === undefined ? [] : both));
  return ends.flatMap(({ node, interface: name }) => {
    const counts = run.bitErrors?.[`${node}:${name}`];
    if (counts === undefined) return [`no bit errors at ${node}:${name}`];
    const capture = captures.find((one) => one.node === node && one.interface === name);
    const arrived = capture === undefined ? 0 : arrivals(capture);
    return arrived > counts.passed ? [`${arrived - counts.passed} packets arrived at ${node}:${name} past its bit errors`] : [];
  });
}

const arrivals = (capture: CaptureInput): number =>
  capture.packets.filter((packet) => packet.ipVersion !== 0 && wayOf(packet, capture) === 'in').length;
