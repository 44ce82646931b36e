import { expect, test } from 'vitest';
import { isBusy, pathsOf } from '../../src/ipsec/paths.ts';

const path = (state: string, local: string, more: Record<string, string> = {}) => ({
  ...{
    state,
    'local-host': local,
    'local-port': '4500',
    'remote-host': '10.3.0.2',
    'remote-port': '4500',
    verified: 'yes',
    confirmed: 'yes',
  },
  ...more,
});
const child = (on: string, state = 'INSTALLED') => ({ name: 'tunnel', path: on, state });

test('a path is ready when both sides know and its CHILD_SA is there', () => {
  const paths = { 0: path('active', '10.1.0.2'), 1: path('standby', '10.2.0.2') };
  const of = (children: Record<string, ReturnType<typeof child>>) => pathsOf({ paths, 'child-sas': children });
  expect(of({ a: child('0') })).toMatchObject([
    { id: 0, ready: true },
    { id: 1, ready: false },
  ]);
  expect(of({ a: child('0'), b: child('1', 'INSTALLING') })[1]).toMatchObject({ ready: false });
  expect(of({ a: child('0'), b: child('1') })[1]).toEqual({ id: 1, state: 'standby', local: '10.2.0.2', remote: '10.3.0.2', ready: true });
});

test('one that the peer has not confirmed is not', () => {
  const paths = { 0: path('active', '10.1.0.2'), 1: path('probing', '10.2.0.2', { confirmed: 'no' }) };
  expect(pathsOf({ paths, 'child-sas': { a: child('0'), b: child('1') } })[1]).toMatchObject({ ready: false });
});

test('plain MOBIKE has no paths, whatever else is said', () => {
  expect(pathsOf({})).toEqual([]);
  expect(pathsOf({ paths: 'x', 'child-sas': ['y'] })).toEqual([]);
});

test('exchanges that wait, or wait for an answer, keep an IKE_SA busy', () => {
  expect(isBusy({ 'tasks-active': ['IKE_MOBIKE'] })).toBe(true);
  expect(isBusy({ 'tasks-queued': ['IKE_MOBIKE'], 'tasks-active': [] })).toBe(true);
  expect(isBusy({ 'tasks-passive': ['IKE_MOBIKE'] })).toBe(false);
});
