import { expect, it } from 'vitest';
import { hostsOf } from '../../src/stats/hosts.ts';
import { cell, flow } from '../metrics/build.ts';

const counting = (size: number, more = {}) => cell({ measure: ['CPU'], flows: [flow('up', 0, { size })], ...more });

it('tells roles and ends where instructions are counted', () => {
  const { from, to } = flow('up', 0);
  expect(hostsOf({ cells: [counting(60, { paper: 'e2e' }), counting(60)] })).toEqual({
    roles: { mn: 'MN', sgw: 'SGW' },
    flows: { up: { from, to, size: 60 } },
    paper: 'e2e',
  });
  expect(hostsOf({ cells: [cell()] })).toBeNull();
});

it('keeps no payload that cells differ in, and takes any name', () => {
  expect(hostsOf({ cells: [counting(60), counting(180)] })!.flows.up).not.toHaveProperty('size');
  const odd = hostsOf({ cells: [counting(60, { flows: [flow('__proto__', 0)] })] })!;
  expect(Object.keys(odd.flows)).toEqual(['__proto__']);
});
