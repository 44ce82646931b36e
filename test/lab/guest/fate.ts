/** A guest program that meets the end its job names: panic, silence, or exhausted memory. */
import { readFileSync, writeFileSync } from 'node:fs';
import { send } from '../../../src/vm/guest/port.ts';

const { fate } = JSON.parse(readFileSync('/roamlab/job.json', 'utf8')) as { fate: 'panic' | 'silence' | 'memory' };
send({ type: 'said', value: 'alive' });
if (fate === 'panic') writeFileSync('/proc/sysrq-trigger', 'c');
const hoard: Buffer[] = [];
while (fate === 'memory') hoard.push(Buffer.alloc(64 << 20, hoard.length + 1));
for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
