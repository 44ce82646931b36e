/** The shape of the function that carries out one kind of step. */
import type { Action, Step } from '../plan/step.ts';
import type { RunContext } from './context.ts';

export type Handler<K extends Action['do']> = (context: RunContext, step: Extract<Step, { do: K }>, signal: AbortSignal) => Promise<void>;
