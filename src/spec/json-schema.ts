/** The JSON Schema of the experiment file, for completion and checking while one types. `experiment.schema.json` is its output. */
import { z } from 'zod';
import { experiment } from './schema/experiment.ts';

type Json = Record<string, unknown>;

const REFERENCE = { type: 'string', pattern: '\\$\\{[a-z][a-zA-Z0-9_-]*\\}' };

/** Any scalar may be a matrix reference: where the schema is narrower than "string", allow one. */
function allowReference(schema: Json): void {
  const narrow =
    schema.enum !== undefined || schema.pattern !== undefined || ['number', 'integer', 'boolean'].includes(String(schema.type));
  if (!narrow || schema.const !== undefined) return;
  const { description, default: fallback, ...rest } = schema;
  for (const key of Object.keys(schema)) delete schema[key];
  if (description !== undefined) schema.description = description;
  if (fallback !== undefined) schema.default = fallback;
  schema.anyOf = [rest, REFERENCE];
}

/** JSON Schema (draft 2020-12) of what may be written, before defaults. */
export function experimentJsonSchema(): object {
  const schema = z.toJSONSchema(experiment, {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      // The settings of the whole experiment take no references, nor does an editor need them inside the matrix.
      const plain = path[1] === 'matrix' || (path.length === 2 && path[1] !== 'duration');
      if (!plain) allowReference(jsonSchema as Json);
    },
  });
  return { ...schema, title: 'roamlab experiment' };
}
