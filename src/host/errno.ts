/** What a negative errno means, in the words a command would have printed. */
import { getSystemErrorMap } from 'node:util';

const errors = getSystemErrorMap();

/** `file exists (EEXIST)` for -17. */
export function errnoText(code: number): string {
  const [name, message] = errors.get(code) ?? [`errno ${-code}`, 'failed'];
  return `${message} (${name})`;
}
