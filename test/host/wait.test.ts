import { expect, test } from 'vitest';
import { waitFor } from '../../src/host/wait.ts';

test('asks until there is a value; null, undefined and false are none, 0 is one', async () => {
  const answers = [null, undefined, false, 0];
  expect(await waitFor('a value', () => answers.shift() as number | null, { interval: 0 })).toBe(0);
  expect(answers).toEqual([]);
});

test('asks at least once, also with no time left, and says what was waited for', async () => {
  expect(await waitFor('now', async () => 'here', { timeout: 0 })).toBe('here');
  await expect(waitFor('the bus', () => null, { timeout: 0, interval: 1 })).rejects.toMatchObject({
    code: 'E_TIMEOUT',
    exit: 1,
    message: 'waited 0 s for the bus',
  });
});

test('an error of the condition and an abort end it', async () => {
  const broken = () => {
    throw new Error('gone');
  };
  await expect(waitFor('x', broken)).rejects.toThrow('gone');
  const controller = new AbortController();
  const asked = waitFor('x', () => controller.abort(new Error('enough')) as undefined, { signal: controller.signal, interval: 0 });
  await expect(asked).rejects.toThrow('enough');
});
