/** What several verbs share: options and where text goes. */
import { InvalidArgumentError, Option } from 'commander';
import { CPU_RATES } from '../spec/index.ts';

export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least) throw new InvalidArgumentError(`a whole number from ${least} is wanted.`);
    return value;
  };
}

/** `5%` or `2.5 %` as a fraction. The sign is required: 0.05 and 5 would be guesses. */
export function percentage(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  const value = Number(match?.[1]);
  if (!(value > 0 && value < 100)) throw new InvalidArgumentError('a percentage between 0% and 100% is wanted, such as 5%.');
  return value / 100;
}

/** A run's number, or the null run. */
export function runOf(text: string): number | 'null' {
  if (text === 'null') return text;
  try {
    return wholeNumber(1)(text);
  } catch {
    throw new InvalidArgumentError('a whole number from 1, or null, is wanted.');
  }
}

/** What was given of the two. */
export const runChoice = ({ run, cell }: { run?: number | 'null' | undefined; cell?: string | undefined }) => ({
  ...(run === undefined ? {} : { run }),
  ...(cell === undefined ? {} : { cell }),
});

export const options = {
  json: () => new Option('--json', 'only JSON on stdout; text for people goes to stderr'),
  quiet: () => new Option('--quiet', 'no progress'),
  runs: () => new Option('--runs <n>', 'runs per cell instead of the file’s').argParser(wholeNumber(1)),
  untilCi: () =>
    new Option(
      '--until-ci <percent>',
      'stop a cell when the 95 % intervals of its medians are this tight; --runs is the most (200)',
    ).argParser(percentage),
  run: () => new Option('--run <K>', 'which run of a results folder: a number, or null for the null run').argParser(runOf),
  cell: () => new Option('--cell <name>', 'which cell of a results folder; not needed when it has one'),
  cpuRate: () => new Option('--cpu-rate <rate>', 'speed of the virtual clock’s processor instead of the file’s').choices(CPU_RATES),
  seed: () => new Option('--seed <n>', 'seed instead of the file’s').argParser(wholeNumber(0)),
  backend: () => new Option('--backend <where>', 'where to run').choices(['auto', 'netns', 'vm']),
  clock: () => new Option('--clock <which>', 'virtual: an emulated guest’s time counts instructions').choices(['auto', 'real', 'virtual']),
  out: () => new Option('--out <folder>', 'results folder; one that holds unfinished results of the same experiment is continued'),
  resume: () => new Option('--resume', 'go on with the newest unfinished results of this experiment').conflicts('out'),
};

export const print = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};
export const tell = (text: string): void => {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
};
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));
