/**
 * Every kind of invalid experiment has a frozen message: `fixtures/errors/<class>.yml` and what it prints, `fixtures/errors/<class>.log`.
 * `UPDATE_GOLDEN=1` writes the logs; read the difference before committing it.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseExperiment, SpecError } from '../../src/spec/index.ts';

const folder = join(import.meta.dirname, 'fixtures', 'errors');
const names = readdirSync(folder).filter((name) => name.endsWith('.yml'));

function complaint(file: string, text: string): SpecError {
  try {
    parseExperiment(text, file);
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
  throw new Error(`${file} was accepted`);
}

describe('error messages', () => {
  test.each(names)('%s', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const error = complaint(name, text);
    const log = join(folder, name.replace(/\.yml$/, '.log'));
    const printed = `${error.format()}\n`;
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(log, printed);
    expect(printed).toBe(readFileSync(log, 'utf8'));
    expect(error.exit).toBe(2);
    const lines = text.split('\n');
    for (const issue of error.issues) {
      expect(issue.code).toMatch(/^E_SPEC_[A-Z_]+$/);
      expect(issue.line).toBeLessThanOrEqual(lines.length);
      expect(issue.col).toBeLessThanOrEqual(lines[issue.line - 1]!.length + 1);
    }
    const positions = error.issues.map((issue) => issue.line * 1e6 + issue.col);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  test('no log without its file', () => {
    const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
    expect(logs.filter((name) => !existsSync(join(folder, name.replace(/\.log$/, '.yml'))))).toEqual([]);
  });
});
