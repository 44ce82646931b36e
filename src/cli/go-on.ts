/** What to type after an interruption, so that no finished run is repeated. */
import { display } from '../host/command.ts';

/** `argv` as it was given; with `--out` or `--resume` in it the same line goes on. */
export function howToGoOn(folder: string, argv: readonly string[]): string {
  const named = argv.some((word) => /^--(out|resume)(=|$)/.test(word));
  return `finished runs are kept in ${folder}; to go on: ${display(['npx', 'roamlab', ...argv, ...(named ? [] : ['--resume'])])}`;
}
