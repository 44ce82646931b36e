import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configureLinks, type LinkRequest, requestLine } from '../../src/host/rtnetlink.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { twoNodes } from './two-nodes.ts';

const DUMMY: LinkRequest[] = [
  { set: 'dummy', dev: 'lan0', mac: '02:00:00:00:00:07' },
  { set: 'address', dev: 'lan0', address: '10.7.0.1' },
  { set: 'up', dev: 'lan0' },
];
const REQUESTS: LinkRequest[] = [
  { set: 'up', dev: 'lo' },
  { set: 'address', dev: 'lo', address: '127.5.0.1/32' },
  { set: 'address', dev: 'eth0', address: '10.1.2.3/25' },
  { set: 'address', dev: 'eth0', address: '2001:db8:1::a/64' },
  { set: 'address', dev: 'eth0', address: '2001:db8::10.1.2.3/96' },
  { set: 'address', dev: 'eth0', address: 'fe80::5/64' },
  { set: 'up', dev: 'eth0' },
];

test('a request reads as the line of ip -batch', () => {
  expect([...DUMMY.slice(0, 2), ...REQUESTS.slice(1, 4)].map(requestLine)).toEqual([
    'link add name lan0 address 02:00:00:00:00:07 type dummy',
    'addr add 10.7.0.1 dev lan0',
    'addr add 127.5.0.1/32 dev lo',
    'addr add 10.1.2.3/25 dev eth0',
    'addr add 2001:db8:1::a/64 dev eth0 nodad',
  ]);
});

describe.runIf(process.getuid?.() === 0)('as root', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await twoNodes();
  });
  afterAll(() => lab.close());

  interface Device {
    ifname: string;
    address: string;
    flags: string[];
    addr_info: { family: string; local: string; prefixlen: number; scope: string; nodad?: boolean }[];
  }
  const state = async (node: string) =>
    (JSON.parse((await lab.exec(node, ['ip', '-j', 'addr'])).stdout) as Device[]).map((d) => ({
      ...{ name: d.ifname, up: d.flags.includes('UP'), mac: d.ifname === 'eth0' ? '' : d.address },
      addresses: d.addr_info
        .filter((a) => a.scope !== 'link' || a.nodad) // the kernel's own follows from a random MAC
        .map(({ family, local, prefixlen, scope, nodad }) => ({ family, local, prefixlen, scope, nodad })),
    }));
  const both = async (requests: LinkRequest[]) => {
    lab.inside('ours', { argv: [] }, () => configureLinks(requests));
    await lab.exec('theirs', ['ip', '-batch', '-'], { input: `${requests.map(requestLine).join('\n')}\n` });
    const ours = await state('ours');
    expect(ours).toEqual(await state('theirs'));
    return ours.map((d) => `${d.name} ${d.up} ${d.addresses.length}`);
  };

  test('the kernel ends up as after iproute2 with the same lines', async () => {
    expect(await both(REQUESTS)).toEqual(['lo true 3', 'eth0 true 4']);
  });

  test('a dummy too, where this kernel has them', async (context) => {
    const { exit } = await lab.exec('theirs', ['ip', 'link', 'add', 'name', 'probe', 'type', 'dummy'], { allow: [0, 2] });
    context.skip(exit !== 0, 'this kernel is built without dummy');
    await lab.exec('theirs', ['ip', 'link', 'del', 'probe']);
    expect(await both(DUMMY)).toEqual(['lo true 3', 'eth0 true 4', 'lan0 true 1']);
  });

  test.each([
    [{ set: 'up', dev: 'nosuch' }, 'link set dev nosuch up: no such device (ENODEV)'],
    [{ set: 'address', dev: 'nosuch', address: '10.0.0.1/24' }, 'addr add 10.0.0.1/24 dev nosuch: no such device (ENODEV)'],
    [{ set: 'address', dev: 'eth0', address: '10.1.2.3/25' }, 'addr add 10.1.2.3/25 dev eth0: file already exists (EEXIST)'],
    [{ set: 'address', dev: 'eth0', address: '10.1.2.9/33' }, 'addr add 10.1.2.9/33 dev eth0: invalid argument (EINVAL)'],
  ] as [LinkRequest, string][])('a refusal names the line and the kernel’s reason: %o', (request, message) => {
    const input = requestLine(request);
    const attempt = () => lab.inside('ours', { argv: ['ip', '-batch', '-'], input }, () => configureLinks([request]));
    expect(attempt).toThrow(expect.objectContaining({ code: 'E_COMMAND', message: expect.stringContaining(message) }));
  });
});
