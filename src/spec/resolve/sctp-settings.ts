/** SCTP's protocol parameters of a flow: a profile and what the file says over it. Both ends get them as sysctls of the whole node. */
import type { Flow, SctpSettings } from '../../types/experiment.ts';
import type { Path } from '../problem.ts';
import type { FileFlow } from '../schema/flows.ts';
import type { FileSctp } from '../schema/sctp.ts';
import { SCTP_PROFILES } from '../sctp-profiles.ts';
import { asconfFlow } from './asconf-flow.ts';
import type { Context } from './context.ts';

const TIMES = ['rtoInitial', 'rtoMin', 'rtoMax', 'heartbeat', 'sackDelay'] as const;
/** RFC 9260, section 6.2: a SACK MUST NOT be held back longer. */
const MAX_SACK_DELAY = 0.5;

const shares = (a: { from: string; to: string }, b: { from: string; to: string }): boolean =>
  [a.from, a.to].some((node) => node === b.from || node === b.to);

/** Whether an event changes the addresses of the flow, or of another one whose settings it shares. */
function isChanged(context: Context, name: string, file: FileFlow): boolean {
  return context.events.some(([, event]) => {
    const changed = event.event === 'asconf' ? asconfFlow(context, event) : undefined;
    return changed !== undefined && (changed === name || shares(context.file.flows[changed]!, file));
  });
}

export function sctpSettings(context: Context, name: string, file: FileFlow): SctpSettings {
  const path: Path = ['flows', name, 'sctp'];
  const { profile = 'modern', pfRetrans, asconf, autoAsconf, ...over } = file.sctp ?? ({} as Partial<FileSctp>);
  const given = Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined));
  const settings: SctpSettings = {
    ...SCTP_PROFILES[profile].settings,
    ...given,
    ...(pfRetrans === undefined ? {} : { pfRetrans: pfRetrans === 'off' ? null : pfRetrans }),
    asconf: asconf ?? (autoAsconf === true || isChanged(context, name, file)),
    autoAsconf: autoAsconf ?? false,
  };
  if (asconf === false && autoAsconf === true) {
    const hint = 'the kernel announces addresses by asconf';
    context.report([...path, 'autoAsconf'], { code: 'E_SPEC_CONFLICT', message: 'autoAsconf needs asconf', hint });
  }
  checkTimes(context, settings, over, path);
  return settings;
}

/** `given`: the settings the file says itself, at one of which a contradiction is shown. */
function checkTimes(context: Context, settings: SctpSettings, given: Partial<FileSctp>, path: Path): void {
  const refuse = (key: string, message: string, hint?: string) =>
    context.report([...path, key], { code: 'E_SPEC_RANGE', message, ...(hint === undefined ? {} : { hint }) });
  for (const key of TIMES) {
    const ms = settings[key] * 1000;
    if (Math.abs(ms - Math.round(ms)) > 1e-6) refuse(key, 'the kernel knows whole milliseconds only');
  }
  if (settings.sackDelay > MAX_SACK_DELAY) refuse('sackDelay', 'a SACK is held back no longer than 500 ms', 'RFC 9260, section 6.2');
  for (const [less, more] of [
    ['rtoMin', 'rtoInitial'],
    ['rtoInitial', 'rtoMax'],
  ] as const) {
    if (settings[less] <= settings[more]) continue;
    const key = given[less] === undefined ? more : less;
    refuse(key, `${less} (${settings[less]} s) exceeds ${more} (${settings[more]} s)`, 'rtoMin <= rtoInitial <= rtoMax');
  }
}

/** A node has one set of them: flows that share a node must agree. */
export function checkSctpSettings(context: Context, flows: readonly Flow[]): void {
  const all = flows.filter((flow) => flow.sctp !== undefined);
  for (const [index, flow] of all.entries()) {
    for (const earlier of all.slice(0, index)) {
      const keys = Object.keys(flow.sctp!) as (keyof SctpSettings)[];
      const differing = shares(earlier, flow) ? keys.find((key) => earlier.sctp![key] !== flow.sctp![key]) : undefined;
      if (differing === undefined) continue;
      const message = `another ${differing} than that of "${earlier.name}", with which it shares a node`;
      const hint = 'they are settings of the node: give both flows the same';
      context.report(['flows', flow.name, 'sctp', differing], { code: 'E_SPEC_CONFLICT', message, hint });
      break;
    }
  }
}
