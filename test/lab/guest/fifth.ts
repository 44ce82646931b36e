/** A guest like every other, but for what it does in run 5, in which the kernel panics, and in run 6, in which nothing happens any more. */
import { writeFileSync } from 'node:fs';
import { control } from '../../../src/vm/guest/controller.ts';

const panic = () => writeFileSync('/proc/sysrq-trigger', 'c');
const hang = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

await control(({ run }) => {
  if (run === 5) panic();
  if (run === 6) hang();
});
