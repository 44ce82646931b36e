import { expect, test } from 'vitest';
import { safePath } from '../../src/experiment/arrival.ts';

test.each(['cells/all/run-001/run.json', './a', 'a/../b', 'a//b'])('%s stays inside', (path) => {
  expect(safePath('/results', path)).toMatch(/^\/results\/[a-z]/);
});

test.each(['../x', 'a/../../x', '/etc/passwd', '..', 'a/b/../../../x'])('%s is refused', (path) => {
  expect(() => safePath('/results', path)).toThrow(
    expect.objectContaining({ code: 'E_GUEST', exit: 1, message: expect.stringContaining(path) }),
  );
});
