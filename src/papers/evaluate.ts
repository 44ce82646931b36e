/** What an expression comes to, given the medians it names. */
import type { Expression, Term } from './claim.ts';

/** The median a term means; null: not measured. */
export type Lookup = (term: Term) => number | null;

/** One number, or two for a range; null as soon as anything in it is not known, or divided by 0. */
export function evaluate(expression: Expression, lookup: Lookup): number | readonly [number, number] | null {
  switch (expression.op) {
    case 'value':
      return lookup(expression.of);
    case 'ratio':
      return quotient(lookup(expression.of), lookup(expression.to));
    case 'change': {
      const ratio = quotient(lookup(expression.of), lookup(expression.to));
      return ratio === null ? null : ratio - 1;
    }
    case 'ordering':
      return share(expression.pairs, lookup);
    default: {
      const all = numbers(expression.of, lookup);
      return all === null ? null : combined(expression.op, all);
    }
  }
}

/** Every term in it. */
export function termsOf(expression: Expression): Term[] {
  switch (expression.op) {
    case 'value':
      return [expression.of];
    case 'ratio':
    case 'change':
      return [expression.of, expression.to];
    case 'ordering':
      return expression.pairs.flat();
    default:
      return expression.of.flatMap(termsOf);
  }
}

function quotient(of: number | null, to: number | null): number | null {
  return of === null || to === null || to === 0 ? null : of / to;
}

function share(pairs: readonly (readonly [Term, Term])[], lookup: Lookup): number | null {
  const known = pairs.map(([more, less]) => [lookup(more), lookup(less)] as const);
  if (known.length === 0 || known.some(([more, less]) => more === null || less === null)) return null;
  return known.filter(([more, less]) => more! >= less!).length / known.length;
}

function numbers(parts: readonly Expression[], lookup: Lookup): number[] | null {
  const values = parts.map((part) => evaluate(part, lookup));
  return values.length > 0 && values.every((value) => typeof value === 'number') ? values : null;
}

function combined(op: 'range' | 'mean' | 'least' | 'greatest', all: readonly number[]): number | readonly [number, number] {
  const [least, greatest] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  if (op === 'range') return [least, greatest];
  if (op === 'mean') return all.reduce((sum, value) => sum + value, 0) / all.length;
  return op === 'least' ? least : greatest;
}
