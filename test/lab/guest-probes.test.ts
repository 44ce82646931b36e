/** The guest kernel proves every feature roamlab uses. */
import { expect, test } from 'vitest';
import type { ProbeResult } from '../../src/types/probe.ts';
import { runGuest } from '../../src/vm/guest-run.ts';
import { ensureImage } from '../../src/vm/image.ts';

test('every probe succeeds in the guest', async () => {
  let results: ProbeResult[] = [];
  await runGuest(
    { runs: [], probe: true },
    {
      image: await ensureImage(() => {}),
      accelerator: 'tcg',
      signal: new AbortController().signal,
      onMessage: (message) => {
        if (message.type === 'probes') results = message.results;
      },
    },
  );
  expect(results.length).toBeGreaterThan(10);
  expect(results.filter((r) => !r.ok)).toEqual([]);
  expect(results.find((r) => r.name === 'netem-seed')?.detail).toContain('5, 12 and 24');
});
