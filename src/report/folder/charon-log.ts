/**
 * charon's log: `1764032000.123456 07[IKE] text` (6.0 writes microseconds, 5.9 milliseconds). Lines without a time, such as
 * the rest of a multi-line message, or cut by the end of the file, are passed over.
 */
import type { LogLine } from '../../metrics/index.ts';

const LINE = /^(\d{9,11})\.(\d{1,9})\s+(.+)$/;

/** Lines with their time in ns since `epoch` (a Unix second). */
export function parseCharonLog(text: string, epoch: number): LogLine[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [, seconds, fraction, rest] = match;
    return [{ t: (Number(seconds) - epoch) * 1e9 + Number(fraction!.padEnd(9, '0')), text: rest! }];
  });
}
