// biome-ignore-all lint/suspicious/noTemplateCurlyInString: matrix references are written that way
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellNames, expandMatrix, type Scalar, substitute } from '../../src/spec/matrix.ts';
import type { Report } from '../../src/spec/problem.ts';

function expand(raw: unknown, size = 10) {
  const codes: string[] = [];
  const report: Report = (_path, problem) => codes.push(problem.code);
  return { cells: expandMatrix(raw, size, report), codes };
}

describe('cells', () => {
  test('no matrix is one cell called all', () => {
    const { cells } = expand(undefined);
    expect(cells).toEqual([{}]);
    expect(cellNames(cells!)).toEqual(['all']);
  });

  test('the first variable varies slowest', () => {
    const { cells } = expand({ access: ['lte', 'wifi'], loss: ['0%', '1%'] });
    expect(cellNames(cells!)).toEqual(['access=lte,loss=0%', 'access=lte,loss=1%', 'access=wifi,loss=0%', 'access=wifi,loss=1%']);
  });

  test('values may refer to other variables, in any order', () => {
    const { cells } = expand({ both: ['${a}-${b}'], a: [1, 2], b: ['${a}0'] });
    expect(cells).toEqual([
      { both: '1-10', a: 1, b: '10' },
      { both: '2-20', a: 2, b: '20' },
    ]);
  });

  test('names are safe as folder names and stay different', () => {
    const { cells } = expand({ net: ['10.0.0.0/8', '10.0.0.0_8', '../..'] });
    expect(cellNames(cells!)).toEqual(['net=10.0.0.0_8', 'net=10.0.0.0_8_2', 'net=.._..']);
  });

  test('the work is bounded by cells times values', () => {
    const values = Array.from({ length: 900 }, (_, index) => index);
    expect(expand({ a: values }, 1200).cells).toHaveLength(900);
    expect(expand({ a: values }, 3000).codes).toEqual(['E_SPEC_MATRIX_TOO_BIG']);
  });

  test('a long chain of references is followed once', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`v${index}`, [index === 499 ? 'end' : `\${v${index + 1}}`]]),
    );
    expect(expand(chain, 500).cells?.[0]?.v0).toBe('end');
  });
});

describe('substitution', () => {
  test('a lone reference keeps the type, a part becomes text', () => {
    expect(substitute({ a: ['${n}', 'x${n}y'], b: true }, { n: 7 })).toEqual({ a: [7, 'x7y'], b: true });
  });

  test('only own variables count', () => {
    expect(substitute('${toString}${__proto__}', { a: 1 })).toBe('${toString}${__proto__}');
  });

  test('replacement patterns of String.replace mean nothing', () => {
    expect(substitute('[${a}]', { a: "$&$1$'" })).toBe("[$&$1$']");
  });
});

test('cells are all combinations, each once', () => {
  const values = fc.uniqueArray(fc.oneof(fc.integer(), fc.stringMatching(/^[a-z]{1,5}$/)), {
    minLength: 1,
    maxLength: 4,
    selector: String,
  });
  const matrix = fc.dictionary(fc.stringMatching(/^[a-z]{3,6}[0-9]$/), values as fc.Arbitrary<Scalar[]>, { minKeys: 1, maxKeys: 4 });
  fc.assert(
    fc.property(matrix, (raw) => {
      const { cells } = expand(raw);
      const count = Object.values(raw).reduce((product, list) => product * list.length, 1);
      expect(new Set(cells!.map((cell) => JSON.stringify(cell))).size).toBe(count);
      expect(new Set(cellNames(cells!)).size).toBe(count);
    }),
  );
});
