/** The command line: parses, calls the library, prints, and turns errors into exit codes. One file per verb beside this one. */
import { Command, CommanderError } from 'commander';
import { ownVersion } from '../experiment/backend.ts';
import { RoamlabError } from '../types/errors.ts';
import { analyze } from './analyze.ts';
import { diff } from './diff.ts';
import { doctor } from './doctor.ts';
import { gc } from './gc.ts';
import { type Interrupt, interruption } from './interrupt.ts';
import { plan } from './plan.ts';
import { replay } from './replay.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { setup } from './setup.ts';
import { validate } from './validate.ts';

const EXIT_CODES = `
Exit codes: 0 ok, 1 a measurement failed or was invalid, 2 the input is wrong, 3 this machine lacks something, 130 interrupted.`;

function program(interrupt: Interrupt): Command {
  const root = new Command('roamlab')
    .description('Measures IPsec handovers on real kernels, as quartiles over runs.')
    .version(ownVersion())
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError();
  for (const verb of [run, replay, analyze, diff, validate, plan, doctor, setup, schema, gc]) verb(root, interrupt);
  // options that only roamlab's own parser knows must not swallow a verb's
  for (const command of root.commands) command.exitOverride().showHelpAfterError('(add --help for the options)');
  return root;
}

const interrupt = interruption();
// the reader went first (`| head`): nobody is left to tell, the work and its exit code stand
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

function exitCode(error: unknown): number {
  if (interrupt.signal.aborted) {
    process.stderr.write('roamlab: interrupted, everything cleaned up\n');
    return 130;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof RoamlabError) {
    process.stderr.write(`${error.format()}\n`);
    return error.exit;
  }
  process.stderr.write(`roamlab: this is a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

try {
  process.exitCode = 0;
  await program(interrupt).parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCode(error);
}
// worker threads and sockets of an aborted run must not hold the process
if (interrupt.signal.aborted) process.exit();
