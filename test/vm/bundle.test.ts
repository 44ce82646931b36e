import { expect, test } from 'vitest';
import { overlay } from '../../src/vm/bundle.ts';

test('the archive with our code holds a bundle per thread and program and the job, and is the same for the same job', async () => {
  const job = { runs: [], probe: true };
  const bytes = await overlay(job);
  const text = bytes.toString('latin1');
  const threads = ['traffic-worker', 'mobility-worker', 'helper', 'helper-worker'].map((name) => `${name}.mjs`);
  for (const name of ['guest.mjs', ...threads, 'job.json']) expect(text).toContain(`roamlab/${name}\0`);
  expect(text).toContain(JSON.stringify(job));
  expect(text).toMatch(/require\("koffi"\)|from ?"koffi"/); // native: stays outside the bundle
  expect(await overlay(job)).toEqual(bytes);
});
