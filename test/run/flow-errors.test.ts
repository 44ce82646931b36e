import { expect, test } from 'vitest';
import { flowErrors } from '../../src/run/flow-errors.ts';
import { flow } from '../metrics/build.ts';

const result = (name: string, refused: Record<string, number>) => ({ name, sent: 9, refused, deliveries: [] });
const flows = [flow('up', 0), flow('data', 1, { kind: 'sctp' }), flow('more', 2, { kind: 'mptcp' })];

test('what ended an association or connection has its errno’s name; a number where it has none', () => {
  const results = [result('up', { 101: 3 }), result('data', { 110: 1 }), result('more', { 104: 1, 4711: 1 })];
  expect(flowErrors(flows, results)).toEqual({ flowErrors: { data: { ETIMEDOUT: 1 }, more: { ECONNRESET: 1, 4711: 1 } } });
});

test('nothing is said of associations that stood', () => {
  expect(flowErrors(flows, [result('up', { 101: 3 }), result('data', {})])).toEqual({});
});
