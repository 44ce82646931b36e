import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Setting, settingsCommand, writeSettings } from '../../src/host/sysctl.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { twoNodes } from './two-nodes.ts';

const SETTINGS: Setting[] = [
  ['net.ipv4.ip_forward', '1'],
  ['net.ipv6.conf.default.accept_dad', '0'],
];

test('the command that does the same', () => {
  expect(settingsCommand(SETTINGS).join(' ')).toBe('sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.default.accept_dad=0');
});

describe.runIf(process.getuid?.() === 0)('as root', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await twoNodes();
  });
  afterAll(() => lab.close());

  test('settings reach the node whose namespace this thread is in, and no other', async () => {
    const read = async (node: string) => (await lab.exec(node, ['sysctl', '-n', ...SETTINGS.map((s) => s[0])])).stdout.trim().split('\n');
    lab.inside('ours', { argv: settingsCommand(SETTINGS) }, () => writeSettings(SETTINGS));
    expect(await read('ours')).toEqual(['1', '0']);
    expect(await read('theirs')).toEqual(['0', '1']);
  });

  test('a setting this kernel does not have is an error that names it', () => {
    const wrong: Setting[] = [['net.ipv4.no_such_setting', '1']];
    const attempt = () => lab.inside('ours', { argv: settingsCommand(wrong) }, () => writeSettings(wrong));
    expect(attempt).toThrow(/no_such_setting/);
  });
});
