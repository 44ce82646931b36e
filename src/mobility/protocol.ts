/** What the netlink monitor is told and what it answers. */
import type { Nanoseconds } from '../types/run.ts';

export interface Notification {
  t: Nanoseconds;
  node: string;
  what: string;
}

export type MonitorCommand = { do: 'watch'; epoch: number; nodes: { node: string; namespace: string }[] } | { do: 'stop' };
export type MonitorAnswer = { did: 'watching' } | { did: 'saw'; notifications: Notification[] } | { did: 'failed'; message: string };
