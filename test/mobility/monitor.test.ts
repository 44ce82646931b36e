/** The monitor thread in this process's own network namespace: reading its notifications needs no root. */
import { expect, test } from 'vitest';
import { Monitor } from '../../src/mobility/monitor.ts';

const HERE = { node: 'here', namespace: '/proc/self/ns/net' };

test('a watch that cannot begin is E_MONITOR, and stopping it afterwards does not wait for ever', async () => {
  const monitor = new Monitor();
  await expect(monitor.watch(0, [{ node: 'mn', namespace: '/nonexistent' }])).rejects.toMatchObject({
    code: 'E_MONITOR',
    exit: 1,
    message: expect.stringContaining('/nonexistent'),
  });
  expect(await monitor.stop()).toEqual([]);
  await monitor.close();
});

test.runIf(process.getuid?.() === 0)('one monitor watches run after run', async () => {
  const warnings: string[] = [];
  const listener = (w: Error) => warnings.push(w.message);
  process.on('warning', listener);
  const monitor = new Monitor();
  for (let run = 0; run < 12; run++) {
    await monitor.watch(0, [HERE]);
    expect(Array.isArray(await monitor.stop())).toBe(true);
  }
  await monitor.close();
  process.off('warning', listener);
  expect(warnings).toEqual([]);
});
