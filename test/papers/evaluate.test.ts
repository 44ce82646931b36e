import { expect, it } from 'vitest';
import { type Expression, evaluate, paperOf, type Term } from '../../src/papers/index.ts';

const term = (name: string): Term => ({ metric: name, cell: {} });
const [a, b, c, none] = ['4', '2', '0', '–'].map(term) as [Term, Term, Term, Term];
const lookup = ({ metric }: Term): number | null => (metric === '–' ? null : Number(metric));
const of = (expression: Expression) => evaluate(expression, lookup);
const ratio = (x: Term, y: Term): Expression => ({ op: 'ratio', of: x, to: y });

it('values, ratios and changes; nothing of what is not known or would divide by 0', () => {
  expect(of({ op: 'value', of: a })).toBe(4);
  expect(of(ratio(a, b))).toBe(2);
  expect(of({ op: 'change', of: b, to: a })).toBe(-0.5);
  expect([of(ratio(a, none)), of(ratio(none, a)), of(ratio(a, c)), of({ op: 'change', of: a, to: c })]).toEqual([null, null, null, null]);
});

it('several together, only when all are known', () => {
  const both = [ratio(a, b), ratio(b, a)];
  expect(of({ op: 'range', of: both })).toEqual([0.5, 2]);
  expect(of({ op: 'mean', of: both })).toBe(1.25);
  expect([of({ op: 'least', of: both }), of({ op: 'greatest', of: both })]).toEqual([0.5, 2]);
  expect(of({ op: 'mean', of: [...both, ratio(a, none)] })).toBeNull();
  expect([of({ op: 'mean', of: [] }), of({ op: 'mean', of: [{ op: 'range', of: both }] })]).toEqual([null, null]);
});

it('orderings as the share of pairs', () => {
  const pairs = [
    [a, b],
    [b, a],
    [b, b],
    [a, c],
  ] as const;
  expect(of({ op: 'ordering', pairs })).toBe(0.75);
  expect(of({ op: 'ordering', pairs: [[a, none]] })).toBeNull();
  expect(of({ op: 'ordering', pairs: [] })).toBeNull();
});

it('papers by their id', () => {
  expect(paperOf('mml')?.title).toBe('Mobile multi-layered IPsec');
  expect([paperOf(undefined), paperOf('e2e'), paperOf('__proto__')]).toEqual([undefined, undefined, undefined]);
});
