/**
 * Mobile host, agent and home end in three network namespaces of this machine, with helpers where a test wants them:
 *
 *     mn (10.1.0.2) --w-- (10.1.0.1) fa (10.2.0.1) --c-- (10.2.0.2) ha
 *     inner 10.10.0.2                                      inner 10.9.0.1
 */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HelperClient } from '../../../src/helper/client.ts';
import { Lab, type LabProcess } from '../../../src/lab/lab.ts';
import type { SnoopSettings } from '../../../src/types/experiment.ts';
import type { HelperAgent, HelperTunnel } from '../../../src/types/helper.ts';

export const MAIN = join(import.meta.dirname, '../../../src/helper/main.ts');
export const [MN, HA] = ['10.1.0.2', '10.2.0.2'];
export const [MN_INNER, HA_INNER] = ['10.10.0.2', '10.9.0.1'];
export type Node = 'mn' | 'fa' | 'ha';

/** Why these tests cannot run here, or null. */
export function missing(): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return null;
  } catch {
    return 'no /dev/net/tun';
  }
}

export interface Started {
  client: HelperClient;
  process: LabProcess;
}

export class Nodes {
  readonly lab = new Lab(`test-helper-${process.pid}`);
  readonly folder = mkdtempSync(join(tmpdir(), 'roamlab-helper-'));
  readonly #helpers: Started[] = [];

  async open(): Promise<void> {
    await this.lab.open();
    const veth = (name: string, a: string, b: string) => `link add name ${name} netns ${a} type veth peer name ${name} netns ${b}`;
    await this.ip(null, 'netns add mn', 'netns add fa', 'netns add ha', veth('w', 'mn', 'fa'), veth('c', 'fa', 'ha'));
    for (const node of ['mn', 'fa', 'ha'] as const) {
      await this.lab.exec(node, ['sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1']).catch(() => {});
      await this.ip(node, 'link set dev lo up');
    }
    const up = (name: string, address: string) => [`link set dev ${name} up gso_max_segs 1`, `addr add ${address}/24 dev ${name}`];
    await this.ip('mn', ...up('w', MN), 'route add default via 10.1.0.1');
    await this.ip('fa', ...up('w', '10.1.0.1'), ...up('c', '10.2.0.1'));
    await this.ip('ha', ...up('c', HA), 'route add default via 10.2.0.1', `addr add ${HA_INNER}/32 dev lo`);
    await this.lab.exec('fa', ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0']);
  }

  async ip(node: Node | null, ...lines: string[]): Promise<void> {
    await this.lab.exec(null, ['ip', ...(node === null ? [] : ['-n', node]), '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  /** A helper that is not open yet. */
  async helper(node: Node, name: string = node): Promise<Started> {
    const path = join(this.folder, `${name}.sock`);
    const running = this.lab.start(node, [process.execPath, '--disable-warning=ExperimentalWarning', MAIN, path]);
    const alive = () => {
      if (!running.running) throw new Error(`the helper of ${node} ended: ${running.stderr}`);
    };
    const started = { client: await HelperClient.connect(path, { alive }), process: running };
    this.#helpers.push(started);
    return started;
  }

  /** As it was before the first helper, whatever became of a test. */
  async clear(): Promise<void> {
    for (const { client, process: running } of this.#helpers.splice(0)) {
      client.close();
      running.signal('SIGKILL');
      await running.ended();
    }
    for (const node of ['mn', 'fa', 'ha'] as const) {
      const rules = ['table 100 priority 900', 'table 101 priority 900'].map((rule) => `rule del ${rule}`);
      for (const rule of rules)
        while (
          await this.ip(node, rule).then(
            () => true,
            () => false,
          )
        );
    }
  }

  /** Stops all helpers; throws what they said when one ended badly. */
  async stop(): Promise<void> {
    for (const { client, process: running } of this.#helpers.splice(0)) {
      if (running.running) await client.stop();
      client.close();
      await running.ended();
      if (running.child.exitCode !== 0) throw new Error(`a helper ended with ${running.child.exitCode}: ${running.stderr}`);
    }
  }

  async close(): Promise<void> {
    for (const { client } of this.#helpers.splice(0)) client.close();
    await this.lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The addresses and routes of a tunnel, once its TUN interfaces are there. */
  async routes(name = 'tun0'): Promise<void> {
    await this.ip('mn', `addr add ${MN_INNER}/32 dev ${name}`, `route add ${HA_INNER}/32 dev ${name} src ${MN_INNER}`);
    await this.ip('ha', `route add ${MN_INNER}/32 dev ${name} src ${HA_INNER}`);
  }

  /** Hands what the agent may read to its TUN interface. */
  async detour(...protocols: string[]): Promise<void> {
    const rules = ['w', 'c'].flatMap((name) =>
      protocols.map((protocol) => `rule add iif ${name} ipproto ${protocol} table 100 priority 900`),
    );
    await this.ip('fa', 'route add default dev tfa0 table 100', ...rules);
  }
}

export const tunnelAt = (node: 'mn' | 'ha', more: Partial<HelperTunnel> = {}): HelperTunnel => {
  const ends = { mn: { address: MN, inner: `${MN_INNER}/32` }, ha: { address: HA, inner: `${HA_INNER}/32` } };
  const [own, other] = node === 'mn' ? [ends.mn, ends.ha] : [ends.ha, ends.mn];
  return {
    ...{ name: 'tun0', mode: 'tunnel', local: own.address, remote: other.address, localInner: own.inner, remoteInner: other.inner },
    ...{ mtu: 1400, encapsulation: 'esp', speed: 'faithful', dynamic: null, ...more },
  };
};

export const SNOOP: SnoopSettings = {
  ...{ wireless: 'w', maxWindow: 50, maxConnections: 64, maxRxmit: 4, dupThresh: 1 },
  ...{ initialRto: 0.1, minRto: 0.1, persistTimeout: 1, garbageTimeout: 10, priority: true },
};

export const agentAt = (more: Partial<HelperAgent> = {}): HelperAgent => ({
  tun: 'tfa0',
  snoop: SNOOP,
  mobile: [`${MN_INNER}/32`, `${MN}/32`],
  plain: [],
  ...more,
});
