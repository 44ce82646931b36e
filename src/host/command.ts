/**
 * Running programs: argument arrays only, every command logged with its outcome, errors that say which command and
 * what it printed. Nothing here knows about labs; `prefix` (an nsenter line, usually) decides where a command runs.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { execa } from 'execa';
import { RoamlabError } from '../types/errors.ts';
import { searchPath } from './path.ts';

export type CommandLog = (line: { argv: string[]; input?: string; exit: number | null; ms: number; stderr: string }) => void;

export interface CommandOptions {
  prefix?: readonly string[];
  input?: string;
  log?: CommandLog | undefined;
  /** milliseconds; default 20 000 */
  timeout?: number;
  env?: Record<string, string>;
  /** exit codes other than 0 that are fine */
  allow?: readonly number[];
  signal?: AbortSignal;
}

export interface CommandResult {
  stdout: string;
  stderr: string;
  exit: number;
}

/** One command as a reader could paste it. */
export function display(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

/** Runs to completion. Throws RoamlabError E_COMMAND (exit 1), or E_TOOL_MISSING (exit 3) when the program is absent. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const full = [...(options.prefix ?? []), ...argv];
  const [file = '', ...args] = full;
  const started = performance.now();
  const result = await execa(file, args, {
    reject: false,
    stripFinalNewline: false,
    timeout: options.timeout ?? 20_000,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    env: { PATH: searchPath(), ...options.env },
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const ms = performance.now() - started;
  const stderr = String(result.stderr ?? '');
  const exit = result.exitCode ?? null;
  options.log?.({ argv: full, ...(options.input === undefined ? {} : { input: options.input }), exit, ms, stderr });
  if (exit === 0 || (exit !== null && options.allow?.includes(exit))) return { stdout: String(result.stdout ?? ''), stderr, exit };
  if (result.code === 'ENOENT') {
    throw new RoamlabError('E_TOOL_MISSING', 3, `the program ${file} is not installed`, { hint: 'run `npx roamlab doctor`' });
  }
  const why = result.timedOut
    ? `no end within ${(options.timeout ?? 20_000) / 1000} s`
    : `exit ${exit ?? result.signal ?? result.code ?? '?'}`; // EACCES and the like when it never started
  const input = options.input === undefined ? '' : `\ninput:\n${options.input.trimEnd()}`;
  throw new RoamlabError('E_COMMAND', 1, `${display(full)}: ${why}\n${stderr.trim()}${input}`.trim());
}

/** Starts a long-lived program; the caller owns its end. stdin is a pipe that ends with this process. */
export function start(
  argv: readonly string[],
  options: Pick<CommandOptions, 'prefix' | 'log' | 'env'> = {},
): ChildProcessWithoutNullStreams {
  const [file = '', ...args] = [...(options.prefix ?? []), ...argv];
  options.log?.({ argv: [file, ...args], exit: null, ms: 0, stderr: '' });
  const child = spawn(file, args, { stdio: 'pipe', env: { ...process.env, PATH: searchPath(), ...options.env } });
  child.stdin.on('error', () => {}); // EPIPE when the program ends first; its exit is what the caller watches
  return child;
}
