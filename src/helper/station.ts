/** A worker thread's life: packets from its descriptors, timers, and now and then a command. It sleeps in ppoll and nowhere else. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { clearEvent } from '../host/eventfd.ts';
import { POLLIN, PollSet } from '../host/poll-set.ts';
import type { Command, Reply, Share } from './protocol.ts';

/** Something packets come from. */
export interface Source {
  fd: number;
  /** Handles one packet; false when none waits. Throws only when there will never be one again. */
  take(): boolean;
}

/** What one thread does. */
export interface Station {
  readonly sources: readonly Source[];
  /** ms of performance.now() when `onDue` wants to be called, Infinity for never */
  due(): number;
  onDue(): void;
  /** Throws for keys that are none. */
  setKeys(command: Exclude<Command, { do: 'statistics' | 'stop' }>): void;
  statistics(): Share;
  /** Wipes the keys. */
  close(): void;
}

/** packets of one source before the others and commands get their turn */
const BURST = 64;
/** ns: eleven days */
const FOREVER = 1e15;

function obey(station: Station, command: Command): Reply {
  try {
    if (command.do === 'statistics') return { did: 'statistics', share: station.statistics() };
    if (command.do === 'stop') return { did: 'stopped' };
    station.setKeys(command);
    return { did: 'keys' };
  } catch (error) {
    return { did: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Returns when it is told to stop; keys are wiped however it ends. */
export function serve(station: Station, wake: number, port: MessagePort): void {
  const { sources } = station;
  const set = new PollSet(1 + sources.length);
  set.watch(0, wake, POLLIN);
  for (const [i, { fd }] of sources.entries()) set.watch(i + 1, fd, POLLIN);
  try {
    for (;;) {
      const due = station.due();
      const wait = due === Number.POSITIVE_INFINITY ? FOREVER : Math.max(0, (due - performance.now()) * 1e6);
      if (set.wait(wait)) {
        if (set.ready(0)) {
          clearEvent(wake);
          for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
            const reply = obey(station, got.message as Command);
            if (reply.did === 'stopped') return;
            port.postMessage(reply);
          }
        }
        for (let i = 0; i < sources.length; i++) if (set.ready(i + 1)) burst(sources[i]!);
      }
      const next = station.due();
      if (next !== Number.POSITIVE_INFINITY && performance.now() >= next) station.onDue();
    }
  } finally {
    station.close();
  }
}

/** Handles what waits at a source, within limits. */
export function burst(source: Source): void {
  for (let i = 0; i < BURST; i++) if (!source.take()) return;
}
