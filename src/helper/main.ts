/**
 * The helper's process: `node main.ts <path of the control socket>`. It protects packets of its node with ESP in user space, or stands
 * between as a foreign agent with SNOOP; what exactly it is told over the socket (types/helper.ts), keys too: argv and environment are
 * everybody's to read.
 */
import { Helper } from './helper.ts';
import { ControlServer } from './server.ts';

const [path, ...more] = process.argv.slice(2);

function fail(message: string): never {
  process.stderr.write(`roamlab-helper: ${message}\n`);
  process.exit(1);
}

if (path === undefined || more.length > 0 || !path.startsWith('/')) fail('takes one argument, the absolute path of its control socket');

let ending = false;
const helper = new Helper((reason) => fail(`a thread ended: ${reason}`));
const server = new ControlServer(
  (request) => helper.answer(request),
  () => end(),
);

/** Once: keys wiped, threads ended, descriptors and socket closed. */
function end(): void {
  if (ending) return;
  ending = true;
  server.close();
  helper.stop().then(
    () => process.exit(0),
    (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
  );
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
try {
  await server.listen(path);
} catch (error) {
  fail(`cannot listen at ${path}: ${error instanceof Error ? error.message : String(error)}`);
}
