import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chooseBackend, ownVersion } from '../../src/experiment/backend.ts';

test('no backend is asked for what it cannot be: the virtual clock needs a guest', async () => {
  const choosing = chooseBackend({ backend: 'netns', clock: 'virtual', cpuRate: 1e9, features: [], patched: false }, () =>
    expect.unreachable('nothing to say'),
  );
  await expect(choosing).rejects.toMatchObject({ code: 'E_BACKEND', exit: 2, message: 'the netns backend has no virtual clock' });
});

test('the version is the package’s, and the commit where there is one', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(ownVersion()).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')}(\\+[0-9a-f]{12})?$`));
});
