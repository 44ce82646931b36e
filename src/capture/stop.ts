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
 * The closing counts; null when tcpdump printed none. What the kernel had taken when the first question was asked is what belongs to the
 * capture: once tcpdump has read as many it is over. To wait until it has read everything would not do, for packets that come now and then
 * (an ARP request every second) each stay in the kernel's block for up to a second.
 */
export async function stopCapture(capture: Capture): Promise<CaptureCounts | null> {
  let goal = Number.POSITIVE_INFINITY;
  const caughtUp = async (): Promise<boolean> => {
    const answer = await ask(capture);
    if (answer === null) return true;
    goal = Math.min(goal, answer.received);
    return answer.captured + answer.dropped >= goal;
  };
  const patience = { timeout: PATIENCE, interval: INTERVAL };
  const complete = await waitFor('the capture to catch up', caughtUp, patience).catch(() => false);
  capture.signal('SIGINT');
  await capture.ended();
  const counts = captureCounts(capture.stderr);
  return counts !== null && complete ? { ...counts, received: counts.captured } : counts;
}

/** Its counts now; null when it has ended. */
async function ask(capture: Capture): Promise<CaptureCounts | null> {
  const before = capture.stderr.length;
  capture.signal('SIGUSR1');
  const answer = await waitFor('tcpdump', () => !capture.running || captureCounts(capture.stderr.slice(before)), { timeout: PATIENCE });
  return answer === true ? null : answer;
}
