/**
 * Every error roamlab shows on purpose. `code` is stable, `exit` is the process's exit code:
 * 1 a measurement failed or was invalid, 2 the user's input is wrong, 3 this machine lacks something, 130 interrupted.
 */
export class RoamlabError extends Error {
  override name = 'RoamlabError';
  readonly code: string;
  readonly exit: 1 | 2 | 3 | 130;
  /** file:line:col or another place, when there is one */
  readonly where: string | undefined;
  /** what the reader should do */
  readonly hint: string | undefined;

  constructor(code: string, exit: 1 | 2 | 3 | 130, what: string, more: { where?: string; hint?: string; cause?: unknown } = {}) {
    super(what, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.exit = exit;
    this.where = more.where;
    this.hint = more.hint;
  }

  /** `where: what (code)` and the hint on a line of its own. */
  format(): string {
    const head = this.where === undefined ? this.message : `${this.where}: ${this.message}`;
    return this.hint === undefined ? `${head} [${this.code}]` : `${head} [${this.code}]\n  → ${this.hint}`;
  }
}
