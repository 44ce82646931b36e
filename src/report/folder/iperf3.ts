/** iperf3's report of a bulk flow (`-J`, 3.1 and newer), of which only a few numbers matter. A run is not invalid for want of it. */
import { z } from 'zod';
import type { BulkReport } from '../../metrics/index.ts';

/** a day of reports every 0.1 s */
const MOST_INTERVALS = 900_000;

const rate = z.looseObject({ bits_per_second: z.number().min(0), seconds: z.number().positive() });
const stream = z.looseObject({
  start: z.number(),
  end: z.number(),
  snd_cwnd: z.number().min(0).optional(),
  snd_wnd: z.number().min(0).optional(),
});
const report = z.looseObject({
  start: z
    .looseObject({
      tcp_mss_default: z.number().positive().optional(),
      tcp_mss: z.number().positive().optional(),
      test_start: z.looseObject({ blksize: z.number().positive().optional() }).optional(),
    })
    .optional(),
  intervals: z
    .array(z.looseObject({ streams: z.array(stream) }))
    .max(MOST_INTERVALS)
    .optional(),
  end: z.looseObject({ sum_received: rate.optional() }).optional(),
  error: z.string().optional(),
});

const NOTHING: BulkReport = { mss: null, received: null, intervals: [] };

/** Never throws: what is not there is null or missing, and `problem` says why. */
export function parseIperf3(text: string): BulkReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ...NOTHING, problem: text.trim() === '' ? 'iperf3 wrote no report' : 'what iperf3 wrote is not whole' };
  }
  const result = report.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    return { ...NOTHING, problem: `iperf3's report: ${issue.path.join('.') || 'value'}: ${issue.message}` };
  }
  const { start, intervals, end, error } = result.data;
  const received = end?.sum_received;
  return {
    ...(error === undefined ? {} : { problem: `iperf3: ${error}` }),
    mss: start?.tcp_mss_default ?? start?.tcp_mss ?? null,
    received:
      received === undefined
        ? null
        : { bitsPerSecond: received.bits_per_second, seconds: received.seconds, block: start?.test_start?.blksize ?? null },
    // one stream: a flow is one connection
    intervals: (intervals ?? []).flatMap(({ streams: [first] }) =>
      first === undefined ? [] : [{ start: first.start, end: first.end, cwnd: first.snd_cwnd ?? null, offered: first.snd_wnd ?? null }],
    ),
  };
}
