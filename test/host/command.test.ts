import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type CommandLog, display, run, start } from '../../src/host/command.ts';

afterEach(() => vi.unstubAllEnvs());
const logged: Parameters<CommandLog>[0][] = [];
const log: CommandLog = (line) => logged.push(line);

describe('display', () => {
  test('quotes exactly what a shell would not take as one word', () => {
    expect(display(['ip', 'route', 'add', '10.0.0.0/8'])).toBe('ip route add 10.0.0.0/8');
    expect(display(['echo', 'a b', '$HOME', "it's", ''])).toBe(`echo 'a b' '$HOME' 'it'\\''s' ''`);
  });

  test('a shell reads back what went in', async () => {
    const argv = ['printf', '%s|', 'a b', '`id`', "it's", '"', '\\', '*', '', 'new\nline', '-n'];
    const { stdout } = await run(['sh', '-c', display(argv)]);
    expect(stdout).toBe(`${argv.slice(2).join('|')}|`);
  });
});

describe('run', () => {
  test('gives output as it was, feeds input, and puts the prefix first', async () => {
    const result = await run(['cat'], { prefix: ['env', 'A=1'], input: 'x\n', log });
    expect(result).toEqual({ stdout: 'x\n', stderr: '', exit: 0 });
    expect(logged.at(-1)).toMatchObject({ argv: ['env', 'A=1', 'cat'], input: 'x\n', exit: 0, stderr: '' });
  });

  test('adds to the environment, and finds system tools whatever PATH says', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    vi.stubEnv('ROAMLAB_TEST_KEPT', 'kept');
    const { stdout } = await run(['sh', '-c', 'echo $ROAMLAB_TEST_KEPT $ADDED; command -v sysctl'], { env: { ADDED: 'added' } });
    expect(stdout).toMatch(/^kept added\n.*\/sysctl\n$/);
  });

  test('a failure tells the command, its code, what it printed and what it was fed', async () => {
    const failing = run(['sh', '-c', 'cat >&2; exit 4'], { input: 'link add bad\n', log });
    await expect(failing).rejects.toMatchObject({
      code: 'E_COMMAND',
      exit: 1,
      message: "sh -c 'cat >&2; exit 4': exit 4\nlink add bad\ninput:\nlink add bad",
    });
    expect(logged.at(-1)).toMatchObject({ exit: 4, stderr: 'link add bad\n' });
  });

  test('an exit code the caller allows is a result', async () => {
    expect(await run(['sh', '-c', 'exit 4'], { allow: [4] })).toMatchObject({ exit: 4 });
  });

  test('a program that is not there is exit 3, one that cannot be started says why', async () => {
    await expect(run(['roamlab-no-such-program'])).rejects.toMatchObject({ code: 'E_TOOL_MISSING', exit: 3 });
    await expect(run(['/etc/passwd'])).rejects.toMatchObject({ code: 'E_COMMAND', message: '/etc/passwd: exit EACCES' });
  });

  test('a program that does not end is ended', async () => {
    await expect(
      run(['cat'], { timeout: 50, input: undefined as never, prefix: ['tail', '-f', '/dev/null', '/dev/null'] }),
    ).rejects.toMatchObject({
      code: 'E_COMMAND',
      message: expect.stringContaining('no end within 0.05 s'),
    });
  });
});

test('start: the program lives on its pipe and ends with it', async () => {
  const child = start(['cat'], { env: { X: '1' }, log });
  child.stdin.write('hello');
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('hello');
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(logged.at(-1)).toMatchObject({ argv: ['cat'], exit: null });
});
