/** What the kernels of the IPsec nodes hold when the traffic has ended: policies and SAs with selectors, addresses and counters. */
import { writeFileSync } from 'node:fs';
import type { RunContext } from './context.ts';

/** Without the policies of charon's own sockets, and without keys. */
const TABLES = [
  ['policy', 'list', 'nosock'],
  ['state', 'list', 'nokeys'],
];

/** Writes `log/xfrm-<node>.txt` of every node with IPsec. Throws E_COMMAND. */
export async function keepXfrm(context: RunContext): Promise<void> {
  for (const node of context.charons.keys()) {
    let text = '';
    for (const words of TABLES) {
      const { stdout } = await context.lab.exec(null, ['ip', '-n', node, '-s', 'xfrm', ...words]);
      text += `# ip -s xfrm ${words.join(' ')}\n${stdout}`;
    }
    writeFileSync(context.file(`log/xfrm-${node}.txt`), text);
  }
}
