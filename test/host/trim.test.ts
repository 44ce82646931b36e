import { describe, expect, test } from 'vitest';
import { type SizedEntry, surplus } from '../../src/host/trim.ts';

const entry = (name: string, age: number, bytes = 1e9, held = false): SizedEntry => ({
  ...{ name, path: `/c/${name}`, age, bytes },
  ...{ abandoned: false, held },
});
const names = (entries: SizedEntry[], days: number, guestBytes: number) =>
  surplus(entries, { days, guestBytes }).map((gone) => gone.entry.name);

describe('what goes from the cache', () => {
  test('what was not used for some days, whatever it is', () => {
    expect(names([entry('image-1', 31), entry('cell-1', 31), entry('image-2', 29)], 30, 1e12)).toEqual(['image-1', 'cell-1']);
  });

  test('stored guests beyond the size, those not used for the longest time first; other entries do not count', () => {
    const entries = [entry('cell-a', 3), entry('booted-b', 1), entry('image-1', 2, 9e9), entry('cell-c', 2)];
    expect(names(entries, 30, 2e9)).toEqual(['cell-a']);
    expect(names(entries, 30, 1e9)).toEqual(['cell-c', 'cell-a']);
    expect(names(entries, 30, 3e9)).toEqual([]);
  });

  test('not what somebody found there within the last minute, however large it is', () => {
    expect(names([entry('cell-a', 0.0001), entry('cell-b', 0.0006)], 30, 0)).toEqual([]);
    expect(names([entry('cell-a', 0.0001), entry('cell-b', 0.001)], 30, 0)).toEqual(['cell-b']);
  });

  test('not what somebody holds, which counts first', () => {
    const held = entry('cell-a', 5, 2e9, true);
    expect(names([held, entry('cell-b', 1), entry('cell-c', 2)], 30, 3e9)).toEqual(['cell-c']);
    expect(names([held], 30, 0)).toEqual([]);
    expect(names([held], 3, 0)).toEqual([]);
  });

  test('drafts whose maker is gone, and no others', () => {
    const draft = (name: string, abandoned: boolean) => ({ ...entry(`${name}.7-8.tmp`, 99), abandoned });
    expect(names([draft('cell-1', true), draft('cell-2', false)], 30, 0)).toEqual(['cell-1.7-8.tmp']);
  });

  test('says why', () => {
    const gone = surplus([entry('image-1', 40.5), entry('cell-1', 1, 9e9)], { days: 30, guestBytes: 5e9 });
    expect(gone.map(({ why }) => why)).toEqual(['last used 40 days ago', 'stored guests take more than 5 GB']);
  });
});
