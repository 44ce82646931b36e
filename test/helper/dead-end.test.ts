/** With the routes of the plan, a helper that is gone leaves no way by which its tunnel's packets could go in clear. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AF, close, inNetworkNamespace, SOCK, sendTo, socket, socketAddress } from '../../src/host/libc.ts';
import { helperSteps } from '../../src/plan/helper.ts';
import { loadExperiment } from '../../src/spec/index.ts';
import { HA_INNER, MN_INNER, missing, Nodes, tunnelAt } from './build/nodes.ts';

const why = missing();
const EHOSTUNREACH = -113;
/** its tunnel has the inner addresses of these nodes */
const cell = (await loadExperiment('topologies/mml/fig15-16.yaml')).cells.find(({ values }) => values.config === 'mml')!;
const linesOf = (node: string): string[] =>
  helperSteps(cell)
    .flat()
    .flatMap((step) => (step.do === 'batch' && step.node === node ? step.lines : []));

describe.skipIf(why !== null)(`with /dev/net/tun and root${why === null ? '' : ` (skipped: ${why})`}`, { timeout: 90_000 }, () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = new Nodes();
    await nodes.open();
  }, 90_000);
  afterAll(() => nodes.close());

  test.each([
    ['ha', 'mets', MN_INNER],
    ['mn', 'tlp1', HA_INNER],
  ] as const)('%s', async (node, role, peer) => {
    const { client, process: running } = await nodes.helper(node);
    await client.open({ tunnels: [tunnelAt(node, { name: 's2s' })], agent: null, profile: false });
    await nodes.ip(node, ...linesOf(role));
    // its source address is the route's
    const fd = inNetworkNamespace(nodes.lab.netnsPath(node), () => socket(AF.INET, SOCK.DGRAM, 0));
    try {
      const send = () => sendTo(fd, Buffer.from('in clear?'), socketAddress(peer, 4242));
      expect(send()).toBe(9);
      running.signal('SIGKILL');
      await running.ended();
      // the namespace's processes end with the first of them, descriptors a moment later
      await expect.poll(send, { timeout: 30_000 }).toBe(EHOSTUNREACH);
      const { stdout } = await nodes.lab.exec(node, ['ip', 'route', 'show', 'to', 'exact', `${peer}/32`]);
      expect(stdout).toContain('unreachable');
    } finally {
      close(fd);
    }
  });
});
