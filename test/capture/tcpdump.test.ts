import { expect, test } from 'vitest';
import { stopCapture } from '../../src/capture/stop.ts';
import { captureCounts, captureFile, LISTENING, tcpdumpArgv } from '../../src/capture/tcpdump.ts';

const end = { node: 'mn', interface: 'eth1' };

test('tcpdump writes whole packets with nanosecond stamps and no names', () => {
  const argv = tcpdumpArgv(end, captureFile(end));
  const given = (flag: string) => argv[argv.indexOf(flag) + 1];
  expect(argv[0]).toBe('tcpdump');
  expect([given('-i'), given('-w'), given('-s')]).toEqual(['eth1', 'pcap/mn-eth1.pcap', '0']);
  expect(argv).toEqual(expect.arrayContaining(['-n', '--time-stamp-precision=nano']));
});

const STARTED = 'tcpdump: listening on eth1, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n';

test('it is ready when it says so, not before', () => {
  expect(LISTENING.test('tcpdump: verbose output suppressed\n')).toBe(false);
  expect(LISTENING.test(STARTED)).toBe(true);
});

test.each([
  ['many', '1861 packets captured\n1863 packets received by filter\n2 packets dropped by kernel\n', [1861, 1863, 2]],
  ['one of each', '1 packet captured\n1 packet received by filter\n1 packet dropped by kernel\n', [1, 1, 1]],
  [
    'none, and the interface’s own drops',
    '0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n7 packets dropped by interface\n',
    [0, 0, 0],
  ],
])('counts: %s', (_, text, [captured, received, dropped]) => {
  expect(captureCounts(STARTED + text)).toMatchObject({ captured, received, dropped });
});

test('of several counts the last stands: tcpdump also says them on one line when asked', () => {
  const asked = 'tcpdump: 3 packets captured, 5 packets received by filter, 0 packets dropped by kernel\n';
  expect(captureCounts(STARTED + asked)).toMatchObject({ captured: 3, received: 5, dropped: 0 });
  const final = '5 packets captured\n5 packets received by filter\n1 packet dropped by kernel\n';
  expect(captureCounts(STARTED + asked + final)).toMatchObject({ captured: 5, received: 5, dropped: 1 });
});

test('counts that are not all there are none', () => {
  expect(captureCounts(STARTED)).toBeNull();
  expect(captureCounts(`${STARTED}5 packets captured\n5 packets received by filter\n`)).toBeNull();
  expect(captureCounts('tcpdump: eth9: No such device exists\n')).toBeNull();
});

/** tcpdump as `stopCapture` sees it: what it answers to each signal, the last answer again and again. */
function capture(asked: [captured: number, received: number][], end: [captured: number, received: number]) {
  const counts = ([captured, received]: [number, number]) =>
    `tcpdump: ${captured} packets captured, ${received} packets received by filter, 0 packets dropped by kernel\n`;
  return {
    stderr: STARTED,
    running: true,
    signal(name: NodeJS.Signals) {
      this.stderr += counts(name === 'SIGUSR1' ? (asked.length > 1 ? asked.shift()! : asked[0]!) : end);
      if (name === 'SIGINT') this.running = false;
    },
    ended: () => Promise.resolve(),
  };
}

test('a capture that has read what the kernel gave it is complete, whatever comes while it ends', async () => {
  expect(
    await stopCapture(
      capture(
        [
          [3, 5],
          [5, 5],
        ],
        [5, 6],
      ),
    ),
  ).toEqual({ captured: 5, received: 5, dropped: 0 });
});

test('one that always waits for the next packet is complete as far as the first question', async () => {
  const asked: [number, number][] = [
    [3, 5],
    [4, 6],
    [5, 6],
  ];
  expect(await stopCapture(capture(asked, [5, 7]))).toEqual({ captured: 5, received: 5, dropped: 0 });
});

test('one that never does has lost the rest', async () => {
  expect(await stopCapture(capture([[3, 5]], [4, 6]))).toEqual({ captured: 4, received: 6, dropped: 0 });
});
