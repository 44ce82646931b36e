/**
 * The helper's process: `node main.ts <path of the control socket>`. It protects packets of its node with ESP in user space, or stands
 * between as a foreign agent with SNOOP; what exactly it is told over the socket (types/helper.ts), keys too: argv and environment are
 * everybody's to read.
 */
import { Helper } from './helper.ts';
import { ControlServer } from './server.ts';

const [path, ...more] = process.argv.slice(2);

function complain(message: string): void {
  process.stderr.write(`roamlab-helper: ${message}\n`);
}

if (path === undefined || more.length > 0 || !path.startsWith('/')) {
  complain('takes one argument, the absolute path of its control socket');
  process.exit(1);
}

let ending = false;
const helper = new Helper((reason) => fail(`a thread ended: ${reason}`));
const server = new ControlServer((request) => helper.answer(request), end);

/** ms a thread may take to end before the process does without it */
const PATIENCE = 3000;

/**
 * Once: keys wiped, threads ended, descriptors and socket closed. A thread sleeps in the kernel until it is woken, and a process that exits
 * waits for its threads: so they are ended first, whatever happened.
 */
function end(code = 0): void {
  if (ending) return;
  ending = true;
  server.close();
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE);
  helper.stop().then(
    () => process.exit(code),
    () => process.kill(process.pid, 'SIGKILL'),
  );
}

function fail(message: string): void {
  complain(message);
  end(1);
}

process.on('SIGTERM', () => end());
process.on('SIGINT', () => end());
process.on('uncaughtException', (error) => fail(error.stack ?? error.message));
try {
  await server.listen(path);
} catch (error) {
  fail(`cannot listen at ${path}: ${error instanceof Error ? error.message : String(error)}`);
}
