/** Which flow an asconf event is about. */
import type { FileEvent } from '../schema/timeline.ts';
import type { Context } from './context.ts';

export type FileAsconf = Extract<FileEvent, { event: 'asconf' }>;

/** The sctp flow it names, or the only one; undefined: none of this cell. */
export function asconfFlow(context: Context, { flow }: FileAsconf): string | undefined {
  const all = Object.keys(context.file.flows).filter((name) => context.file.flows[name]!.kind === 'sctp');
  return flow === undefined ? (all.length === 1 ? all[0] : undefined) : all.find((name) => name === flow);
}
