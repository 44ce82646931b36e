import { expect, it } from 'vitest';
import { parseIperf3 } from '../../src/report/folder/iperf3.ts';

const stream = (k: number) => ({ socket: 5, start: k / 10, end: (k + 1) / 10, bytes: 0, snd_cwnd: 2782, snd_wnd: 65_535, rtt: 200_000 });
const REPORT = {
  start: { version: 'iperf 3.18', tcp_mss_default: 1391, test_start: { protocol: 'TCP', blksize: 131_072 } },
  intervals: [0, 1].map((k) => ({ streams: [stream(k)], sum: {} })),
  end: { sum_received: { start: 0, end: 30.2, seconds: 30.2, bytes: 1_441_792, bits_per_second: 381_915.4 } },
};

it('has segment size, what the receiver counted, and the windows', () => {
  expect(parseIperf3(JSON.stringify(REPORT))).toEqual({
    mss: 1391,
    received: { bitsPerSecond: 381_915.4, seconds: 30.2, block: 131_072 },
    intervals: [
      { start: 0, end: 0.1, cwnd: 2782, offered: 65_535 },
      { start: 0.1, end: 0.2, cwnd: 2782, offered: 65_535 },
    ],
  });
});

it('says what is wrong with another, and throws at nothing', () => {
  const nothing = { mss: null, received: null, intervals: [] };
  expect(parseIperf3('')).toEqual({ ...nothing, problem: 'iperf3 wrote no report' });
  expect(parseIperf3('{"start":')).toEqual({ ...nothing, problem: 'what iperf3 wrote is not whole' });
  expect(parseIperf3('[1]').problem).toMatch(/^iperf3's report: value: /);
  expect(parseIperf3('{"intervals":[{"streams":[{"start":"0"}]}]}').problem).toMatch(/^iperf3's report: intervals\.0\.streams\.0\.start: /);
  expect(parseIperf3('{"error":"unable to connect"}')).toEqual({ ...nothing, problem: 'iperf3: unable to connect' });
  expect(parseIperf3('{"intervals":[{"streams":[]}],"end":{}}')).toEqual(nothing);
  const bare = {
    ...REPORT,
    intervals: [{ streams: [{ start: 0, end: 1 }] }],
    start: {},
    end: { sum_received: { seconds: 1, bits_per_second: 8 } },
  };
  expect(parseIperf3(JSON.stringify(bare))).toEqual({
    ...{ mss: null, received: { bitsPerSecond: 8, seconds: 1, block: null } },
    intervals: [{ start: 0, end: 1, cwnd: null, offered: null }],
  });
});
