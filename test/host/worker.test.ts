import { describe, expect, test } from 'vitest';
import { Asker, workerUrl } from '../../src/host/worker.ts';

const asker = () => new Asker<string, string>(new URL('./fixtures/worker.ts', import.meta.url));

test('the file of a worker: beside the caller in a checkout, named after it in a bundle', () => {
  expect(workerUrl('file:///x/src/traffic/flows.ts', 'traffic').href).toBe('file:///x/src/traffic/worker.ts');
  expect(workerUrl('file:///roamlab/guest.mjs', 'traffic').href).toBe('file:///roamlab/traffic-worker.mjs');
});

describe('Asker', () => {
  test('gives each command its answer', async () => {
    const worker = asker();
    expect([await worker.ask('a'), await worker.ask('b')]).toEqual(['did a', 'did b']);
    await worker.close();
  });

  test('takes one command at a time', async () => {
    const worker = asker();
    const first = worker.ask('a');
    await expect(worker.ask('b')).rejects.toThrow('has not answered the command before');
    expect(await first).toBe('did a');
    await worker.close();
  });

  test.each([
    ['throw', 'thrown in the thread'],
    ['exit', 'the worker thread ended'],
  ])('a thread that ends by %s rejects what waits and what comes later', async (command, reason) => {
    const worker = asker();
    await expect(worker.ask(command)).rejects.toThrow(reason);
    await worker.close();
    await expect(worker.ask('a')).rejects.toThrow('the worker thread ended');
  });

  test('closing it ends a wait', async () => {
    const worker = asker();
    const asked = expect(worker.ask('silence')).rejects.toThrow('the worker thread ended');
    await worker.close();
    await asked;
  });
});
