/** Why associations and connections ended before their flows did. */

import { getSystemErrorMap } from 'node:util';
import type { FlowResult } from '../traffic/protocol.ts';
import type { Flow } from '../types/experiment.ts';
import { isMultihomed } from '../types/experiment.ts';
import type { RunRecord } from '../types/run.ts';

/** `ETIMEDOUT` for 110; the number where there is no name. */
function errnoName(code: number): string {
  const name = getSystemErrorMap().get(-code)?.[0];
  return name ?? String(code);
}

/** By name of the flow and of the errno; nothing where all of them stood. What udp was refused is in its losses. */
export function flowErrors(flows: readonly Flow[], results: readonly FlowResult[]): Pick<RunRecord, 'flowErrors'> {
  const streams = new Set(flows.filter(isMultihomed).map(({ name }) => name));
  const found = results
    .filter(({ name, refused }) => streams.has(name) && Object.keys(refused).length > 0)
    .map(({ name, refused }) => [name, Object.fromEntries(Object.entries(refused).map(([code, n]) => [errnoName(Number(code)), n]))]);
  return found.length === 0 ? {} : { flowErrors: Object.fromEntries(found) };
}
