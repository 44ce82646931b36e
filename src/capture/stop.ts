/**
 * Ending a capture without losing its tail: a SIGINT makes tcpdump forget what it has not read yet, so it is asked for its
 * counts (SIGUSR1) until it has read everything the kernel gave it.
 */
import { waitFor } from '../host/wait.ts';
import { type CaptureCounts, captureCounts } from './tcpdump.ts';

/** What a running tcpdump looks like from here. */
export interface Capture {
  readonly stderr: string;
  readonly running: boolean;
  signal: (name: NodeJS.Signals) => void;
  ended: () => Promise<void>;
}

/** ms until a capture that never agrees with itself is stopped all the same; what it missed then shows in its counts. */
const PATIENCE = 3000;
/** ms between questions: the kernel hands over a block of packets within a second. */
const INTERVAL = 100;

/**
 * The closing counts; null when tcpdump printed none. Once it has caught up the capture is over: a packet that the kernel takes between
 * that moment and the end of tcpdump is not one it received too much.
 */
export async function stopCapture(capture: Capture): Promise<CaptureCounts | null> {
  const patience = { timeout: PATIENCE, interval: INTERVAL };
  const complete = await waitFor('the capture to catch up', () => caughtUp(capture), patience).catch(() => false);
  capture.signal('SIGINT');
  await capture.ended();
  const counts = captureCounts(capture.stderr);
  return counts !== null && complete ? { ...counts, received: counts.captured } : counts;
}

async function caughtUp(capture: Capture): Promise<boolean> {
  const before = capture.stderr.length;
  capture.signal('SIGUSR1');
  const answer = await waitFor('tcpdump', () => !capture.running || captureCounts(capture.stderr.slice(before)), { timeout: PATIENCE });
  return answer === true || answer.captured >= answer.received;
}
