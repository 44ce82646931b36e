/** Two network namespaces of this machine, a veth pair between them with all its offloads, and iperf3 across. */
import { readFileSync } from 'node:fs';
import { Lab, type LabProcess } from '../../../src/lab/lab.ts';

export const OUTER = { a: '10.8.0.1', b: '10.8.0.2' } as const;
export const INNER = { a: '10.9.0.1', b: '10.9.0.2' } as const;
export type Side = keyof typeof OUTER;
export const SIDES: readonly Side[] = ['a', 'b'];
export const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');
const PORT = '5201';

/** Process id, on this machine, of a program that a lab started: below it is nsenter. */
export function pidOf({ child }: LabProcess): number {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

/** Ends programs of a lab. */
export async function end(programs: readonly LabProcess[]): Promise<void> {
  for (const program of programs) program.signal('SIGTERM');
  for (const program of programs) await program.ended();
}

export class Pair {
  readonly lab: Lab;

  constructor(name: string) {
    this.lab = new Lab(`bench-${name}-${process.pid}`);
  }

  async open(): Promise<void> {
    await this.lab.open();
    await this.batch('netns add a', 'netns add b', 'link add name e0 netns a type veth peer name e0 netns b');
    for (const side of SIDES) {
      await this.lab.privateRun(side);
      await this.lab.exec(side, ['sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1']).catch(() => {});
      await this.ip(side, 'link set dev lo up', 'link set dev e0 up', `addr add ${OUTER[side]}/24 dev e0`);
    }
  }

  async batch(...lines: string[]): Promise<void> {
    await this.lab.exec(null, ['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  async ip(side: Side, ...lines: string[]): Promise<void> {
    await this.lab.exec(side, ['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  /** Mb/s that one TCP connection from a to `address` of b delivers within `seconds`, the first one left out. */
  async transfer(address: string, seconds: number): Promise<number> {
    const server = this.lab.start('b', ['iperf3', '--server', '--one-off', '--bind', address, '--port', PORT]);
    try {
      const argv = ['iperf3', '--client', address, '--port', PORT, '--time', `${seconds}`, '--omit', '1', '--json'];
      const deadline = performance.now() + 5000;
      for (;;) {
        const { stdout, exit } = await this.lab.exec('a', argv, { timeout: seconds * 1000 + 20_000, allow: [0, 1] });
        const report = JSON.parse(stdout) as { error?: string; end?: { sum_received?: { bits_per_second: number } } };
        const rate = report.end?.sum_received?.bits_per_second;
        if (exit === 0 && rate !== undefined && report.error === undefined) return rate / 1e6;
        // the server may not listen yet
        if (performance.now() > deadline) throw new Error(`iperf3: ${report.error ?? 'no figure'}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    } finally {
      server.signal('SIGKILL');
      await server.ended();
    }
  }

  close(): Promise<void> {
    return this.lab.close();
  }
}
