/** Zones of a tunnel: where they begin, and what that means for agents. */
import type { ZoneMap } from '../../mlipsec/index.ts';
import type { Path } from '../problem.ts';
import type { FileMml } from '../schema/mml.ts';
import type { Context } from './context.ts';

const IPV4_HEADER = 20;
/** The paper's section 3.1: one node between the ends, which opens the first zone. */
const MAX_ZONES = 2;

/** The zone map whose zones after the first begin at these octets. */
export const zoneMap = (boundaries: readonly number[]): ZoneMap =>
  [0, ...boundaries].map((start, index) => ({
    ...{ id: index + 1, start, end: boundaries[index] ?? null },
    ...{ faAccess: index === 0 && boundaries.length > 0, designated: index === 0 },
  }));

/** false after a report. */
export function checkZones(context: Context, { zones, agents }: FileMml, path: Path): boolean {
  let sound = true;
  const refuse = (at: Path, code: string, message: string, hint: string) => {
    sound = false;
    context.report([...path, ...at], { code, message, hint });
  };
  for (const [index, start] of zones.entries()) {
    const before = zones[index - 1];
    if (start < IPV4_HEADER) {
      refuse(['zones', index], 'E_SPEC_ZONES', 'zone 1 does not hold an IPv4 header', `at least ${IPV4_HEADER}; 40 with a TCP header`);
    } else if (before !== undefined && start <= before) {
      refuse(['zones', index], 'E_SPEC_ZONES', `a zone begins at ${start}, and the one before it at ${before}`, 'in ascending order');
    }
  }
  if (zones.length >= MAX_ZONES) {
    const message = `${zones.length + 1} zones, and agents hold the keys of the first only`;
    refuse(['zones'], 'E_SPEC_ZONES', message, 'nobody would read a third one by itself: at most one boundary, such as [40]');
  }
  if (zones.length === 0 && agents.length > 0) {
    const hint = 'leave out "agents", or give it zones such as [40]';
    refuse(['agents'], 'E_SPEC_CONFLICT', 'with one zone an agent would read whole packets', hint);
  }
  return sound;
}

/** A zone that begins behind the longest packet of the tunnel would never be there. */
export function checkReach(context: Context, { zones }: FileMml, mtu: number, path: Path): void {
  for (const [index, start] of zones.entries()) {
    if (start < mtu) continue;
    const message = `no packet reaches octet ${start}: the tunnel's MTU is ${mtu}`;
    context.report([...path, 'zones', index], { code: 'E_SPEC_ZONES', message, hint: 'remove it, or let it begin earlier' });
  }
}
