import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest, suggest } from '../../src/spec/did-you-mean.ts';
import { interfaceNameProblem, itemNameProblem, nodeNameProblem } from '../../src/spec/names.ts';

describe('interface names', () => {
  test.each(['eth1', 'wlan0', 'wan', 'lan', 'sgw', 'mn1', 'rmnet_data0', 'E', 'a23456789012345'])('%s', (name) => {
    expect(interfaceNameProblem(name)).toBeNull();
  });
  test.each([
    ['a', 'E_SPEC_NAME_KEYWORD'],
    ['b', 'E_SPEC_NAME_KEYWORD'],
    ['dev', 'E_SPEC_NAME_KEYWORD'],
    ['lo', 'E_SPEC_NAME_KEYWORD'],
    ['all', 'E_SPEC_NAME_KEYWORD'],
    ['up', 'E_SPEC_NAME_KEYWORD'],
    ['nam', 'E_SPEC_NAME_KEYWORD'],
    ['eth.1', 'E_SPEC_NAME_INTERFACE'],
    ['eth-1', 'E_SPEC_NAME_INTERFACE'],
    ['-h', 'E_SPEC_NAME_INTERFACE'],
    ['..', 'E_SPEC_NAME_INTERFACE'],
    ['', 'E_SPEC_NAME_INTERFACE'],
    ['eth1\n', 'E_SPEC_NAME_INTERFACE'],
    ['toString', 'E_SPEC_NAME_RESERVED'],
    ['a234567890123456', 'E_SPEC_NAME_TOO_LONG'],
  ])('not %j', (name, code) => {
    expect(interfaceNameProblem(name)?.code).toBe(code);
  });
});

test('node and item names', () => {
  expect(['mn', 'mn-1', 'a'].map(nodeNameProblem)).toEqual([null, null, null]);
  expect(['MN', '1mn', 'm_n', 'a234567890123456', '-mn', 'mn\n', 'constructor'].map(nodeNameProblem)).not.toContain(null);
  expect(['up', 'flow_1', 'upLink'].map(itemNameProblem)).toEqual([null, null, null]);
  expect(['Up', '../up', '', 'valueOf', 'up down'].map(itemNameProblem)).not.toContain(null);
});

test('an accepted name means nothing to a shell, a path or an object', () => {
  const check = [nodeNameProblem, itemNameProblem, interfaceNameProblem];
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype))),
      fc.constantFrom(...check),
      (name, problem) => {
        if (problem(name) === null) expect(/^[a-zA-Z][\w-]*$/.test(name) && !(name in {})).toBe(true);
      },
    ),
  );
});

describe('did you mean', () => {
  test.each([
    ['dealy', 'delay'],
    ['nod', 'node'],
    ['DELAY', 'delay'],
    ['mn', undefined],
    ['zzzzz', undefined],
  ])('%s -> %s', (word, meant) => {
    expect(nearest(word, ['delay', 'node', 'rate'])).toBe(meant);
  });
  test('lists the words when none is near', () => {
    expect(suggest('zzzzz', ['delay', 'rate'])).toBe('one of: delay, rate');
    expect(suggest('zzzzz', [])).toBeUndefined();
  });
  test('one edit of a long word is always found', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(), (word, at) => {
        const index = at % word.length;
        expect(nearest(`${word.slice(0, index)}_${word.slice(index)}`, ['0000000000000000', word])).toBe(word);
      }),
    );
  });
});
