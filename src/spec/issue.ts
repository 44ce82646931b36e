/**
 * What is wrong with an experiment file. Everything found is reported at once, each problem with its place in the
 * YAML, the line it is on and what to do about it.
 */
import { RoamlabError } from '../types/errors.ts';
import { MAX_ISSUES } from './limits.ts';

export interface SpecIssue {
  /** stable, `E_SPEC_...` */
  code: string;
  /** both from 1 */
  line: number;
  col: number;
  /** characters to underline */
  length: number;
  /** `nodes.mn.interfaces.eth1` */
  path: string;
  message: string;
  /** the value as written, when it matters */
  got: string | undefined;
  hint: string | undefined;
}

/** Text from the file made safe for a terminal: no control, format or bidirectional characters. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(/\p{C}/gu, '?');
}

/** A value as the reader wrote it, quoted and shortened. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = printable(typeof value === 'string' ? `"${value}"` : String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const WIDTH = 130;

function excerpt(lines: string[], issue: SpecIssue): string {
  const full = lines[issue.line - 1] ?? '';
  const from = issue.col > WIDTH - 20 ? issue.col - 60 : 0;
  const text = printable(full.slice(from, from + WIDTH));
  const column = issue.col - 1 - from;
  const carets = '^'.repeat(Math.max(1, Math.min(issue.length, text.length - column)));
  const margin = String(issue.line).padStart(5);
  return `${margin} | ${text}\n${' '.repeat(margin.length)} | ${' '.repeat(column)}${carets}`;
}

/** `issues` is sorted by position; `code` is theirs when they all agree, else E_SPEC_INVALID. Exit code 2. */
export class SpecError extends RoamlabError {
  override name = 'SpecError';
  readonly file: string;
  readonly issues: SpecIssue[];
  readonly #source: string;

  constructor(file: string, source: string, issues: SpecIssue[]) {
    // Messages quote the file: nothing in them may reach the terminal as a control sequence.
    const safe = issues.map((issue) => ({
      ...issue,
      path: printable(issue.path),
      message: printable(issue.message),
      hint: issue.hint === undefined ? undefined : printable(issue.hint),
    }));
    const sorted = safe.sort((a, b) => a.line - b.line || a.col - b.col);
    const first = sorted[0]!;
    const code = sorted.every((issue) => issue.code === first.code) ? first.code : 'E_SPEC_INVALID';
    const what = sorted.length === 1 ? first.message : `${sorted.length} problems, the first: ${first.message}`;
    super(code, 2, what, { where: `${file}:${first.line}:${first.col}`, ...(first.hint === undefined ? {} : { hint: first.hint }) });
    this.file = file;
    this.issues = sorted;
    this.#source = source;
  }

  /** Every problem as `file:line:col: message`, the line with carets, and the hint. */
  override format(): string {
    const lines = this.#source.split(/\r\n|\r|\n/);
    const shown = this.issues.slice(0, MAX_ISSUES).map((issue) => {
      const head = `${this.file}:${issue.line}:${issue.col}: ${issue.message} [${issue.code}]`;
      return `${head}\n${excerpt(lines, issue)}${issue.hint === undefined ? '' : `\n  → ${issue.hint}`}`;
    });
    const more = this.issues.length - shown.length;
    return more > 0 ? `${shown.join('\n')}\n... and ${more} more problems` : shown.join('\n');
  }
}
