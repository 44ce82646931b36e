/** Two nodes of a lab, joined by `eth0`, where one is set by us and the other by the tool we stand in for. */
import { Lab } from '../../src/lab/lab.ts';

export async function twoNodes(): Promise<Lab> {
  const lab = new Lab(`test-${process.pid}`);
  await lab.open();
  const lines = ['netns add ours', 'netns add theirs', 'link add name eth0 netns ours type veth peer name eth0 netns theirs'];
  await lab.exec(null, ['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  return lab;
}
