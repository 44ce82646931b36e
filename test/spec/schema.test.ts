/** `src/spec/experiment.schema.json` is what editors load; it must be what the code generates. UPDATE_GOLDEN=1 writes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { experimentJsonSchema } from '../../src/spec/index.ts';

const file = join(import.meta.dirname, '..', '..', 'src', 'spec', 'experiment.schema.json');

test('the committed JSON Schema is up to date', () => {
  const generated = JSON.parse(JSON.stringify(experimentJsonSchema()));
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, `${JSON.stringify(generated, null, 2)}\n`);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(generated);
});

test('every top-level key tells an editor what it is for', () => {
  const { properties } = experimentJsonSchema() as { properties: Record<string, { description?: string }> };
  const silent = Object.keys(properties).filter((key) => properties[key]!.description === undefined);
  expect(silent).toEqual([]);
});
