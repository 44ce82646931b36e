/** The first event that is not the same in both runs, and the first field in which it is not. */
import { isDeepStrictEqual } from 'node:util';
import type { EventRecord, Nanoseconds } from '../types/run.ts';
import type { EventDifference } from './types.ts';

/** Field names of an event record whose values are times. */
const TIMES = /(^|\.)(requested|issued|confirmed|t)$/;

/** null when all events are equal. `shift`: ns added to b's times before they are held against a's. */
export function firstEvent(a: readonly EventRecord[], b: readonly EventRecord[], shift: Nanoseconds): EventDifference | null {
  const [knownA, knownB] = [a.map(known), b.map(known)];
  const at = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, i) => !isDeepStrictEqual(knownA[i], knownB[i]));
  if (at < 0) return null;
  const [eventA, eventB] = [knownA[at] ?? null, knownB[at] ?? null];
  if (eventA === null || eventB === null) return { line: at + 1, field: null, a: eventA, b: eventB, later: null };
  const { path, values } = firstField(eventA, eventB, '');
  const isTime = TIMES.test(path) && typeof values[0] === 'number' && typeof values[1] === 'number';
  return { line: at + 1, field: path, a: eventA, b: eventB, later: isTime ? (values[1] as number) + shift - (values[0] as number) : null };
}

/** Without what other versions may have added, which can be anything, of any depth. */
function known({ index, kind, node, requested, issued, confirmed, notifications }: EventRecord): EventRecord {
  return { index, kind, node, requested, issued, confirmed, notifications: notifications.map(({ t, what }) => ({ t, what })) };
}

function firstField(a: unknown, b: unknown, path: string): { path: string; values: [unknown, unknown] } {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return { path, values: [a, b] };
  const [inA, inB] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  const key = [...new Set([...inA.keys(), ...inB.keys()])].find((candidate) => !isDeepStrictEqual(inA.get(candidate), inB.get(candidate)));
  if (key === undefined) return { path, values: [a, b] };
  const below = Array.isArray(a) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
  return firstField(inA.get(key), inB.get(key), below);
}
