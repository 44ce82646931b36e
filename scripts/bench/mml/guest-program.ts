/** The guest's program: the same transfers, with the kernel's ESP for a peer; rates are said as they come. */
import { closePort, send } from '../../../src/vm/guest/port.ts';
import { plain } from './contender.ts';
import { helper } from './helper.ts';
import { kernelEsp } from './kernel-esp.ts';
import { compete } from './rounds.ts';

const main = '/roamlab/helper.mjs';
const [one, two] = [helper({ zones: 1, speed: 'faithful', main }), helper({ zones: 2, speed: 'faithful', main })];
const say = (line: string) => send({ type: 'said', value: { line } });
try {
  const rates = await compete([plain, one, two, kernelEsp], { rounds: 5, seconds: 6 }, say);
  send({ type: 'said', value: { rates: [...rates] } });
} catch (error) {
  send({ type: 'said', value: { failed: error instanceof Error ? error.stack : String(error) } });
}
send({ type: 'bye' });
closePort();
process.exit(0);
