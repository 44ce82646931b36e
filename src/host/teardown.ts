/** A stack of undo actions: each is pushed before the thing it undoes is done, and all run in reverse order. */
export class Teardown {
  readonly #actions: { what: string; undo: () => unknown }[] = [];

  push(what: string, undo: () => unknown): void {
    this.#actions.push({ what, undo });
  }

  /** Runs everything even when something fails; throws one AggregateError at the end. */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (let action = this.#actions.pop(); action !== undefined; action = this.#actions.pop()) {
      try {
        await action.undo();
      } catch (error) {
        errors.push(new Error(`teardown of ${action.what} failed`, { cause: error }));
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'teardown left something behind');
  }
}
