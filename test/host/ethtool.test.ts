import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offloadsOff, offloadsOffCommand } from '../../src/host/ethtool.ts';
import { programPath } from '../../src/host/packages.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { twoNodes } from './two-nodes.ts';

test('the command that does the same', () => {
  expect(offloadsOffCommand('eth1').join(' ')).toBe('ethtool -K eth1 tso off gso off gro off tx off rx off sg off');
});

describe.runIf(process.getuid?.() === 0)('as root', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await twoNodes();
  });
  afterAll(() => lab.close());

  test.runIf(programPath('ethtool') !== null)('every feature ends up as after ethtool -K', async () => {
    const features = async (node: string) => (await lab.exec(node, ['ethtool', '-k', 'eth0'])).stdout.split('\n');
    const before = await features('ours');
    lab.inside('ours', { argv: offloadsOffCommand('eth0') }, () => offloadsOff('eth0'));
    await lab.exec('theirs', offloadsOffCommand('eth0'));
    const after = await features('ours');
    expect(after).toEqual(await features('theirs'));
    expect(before).toContain('tcp-segmentation-offload: on');
    expect(after).toContain('tcp-segmentation-offload: off');
    expect(after).toContain('tx-checksumming: off');
  });

  test('switching off what is off is fine; an interface that is not there is named', () => {
    const off = (dev: string) => lab.inside('ours', { argv: offloadsOffCommand(dev) }, () => offloadsOff(dev));
    off('eth0');
    off('eth0');
    expect(() => off('nosuch')).toThrow(/ethtool -K nosuch .*: nosuch: cannot .*\(ENODEV\)/);
  });
});
