import { describe, expect, test } from 'vitest';
import { percentage } from '../../src/cli/common.ts';
import { howToGoOn } from '../../src/cli/go-on.ts';

describe('a percentage', () => {
  test.each([
    ['5%', 0.05],
    ['5 %', 0.05],
    [' 2.5% ', 0.025],
    ['0.1%', 0.001],
    ['99%', 0.99],
  ])('%s is a fraction', (text, fraction) => {
    expect(percentage(text)).toBeCloseTo(fraction, 12);
  });

  test.each(['5', '0.05', '%', '', '0%', '100%', '-5%', '1e1%', '5%%', '5% 6%', '٥%', 'NaN%', '5 percent'])('%j is refused', (text) => {
    expect(() => percentage(text)).toThrow(expect.objectContaining({ message: expect.stringContaining('such as 5%') }));
  });
});

describe('how to go on', () => {
  const command = (...argv: string[]) => howToGoOn('results/x/1', argv).split('to go on: ')[1];

  test('is the same line with --resume', () => {
    expect(howToGoOn('results/x/1', ['run', 'x.yaml'])).toBe(
      'finished runs are kept in results/x/1; to go on: npx roamlab run x.yaml --resume',
    );
    expect(command('run', 'my file.yaml', '--until-ci', '5 %')).toBe("npx roamlab run 'my file.yaml' --until-ci '5 %' --resume");
  });

  test('or the very same one where it names the folder', () => {
    for (const named of [['--out', 'x'], ['--out=x'], ['--resume']])
      expect(command('run', 'x.yaml', ...named)).toBe(`npx roamlab run x.yaml ${named.join(' ')}`);
  });
});
