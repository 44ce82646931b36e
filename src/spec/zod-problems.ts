/**
 * zod's issues in the words of this project: what is missing, unknown or of the wrong type, and what to write instead.
 * Known keys come from the JSON Schema, so there is one list of them.
 */
import type { z } from 'zod';
import { suggest } from './did-you-mean.ts';
import { show } from './issue.ts';
import { experimentJsonSchema } from './json-schema.ts';
import type { Path, Problem } from './problem.ts';
import type { IssueParams } from './schema/fields.ts';

interface Json {
  properties?: Record<string, Json>;
  additionalProperties?: Json | false;
  items?: Json;
  anyOf?: Json[];
  oneOf?: Json[];
  const?: unknown;
  description?: string;
}
let rootSchema: Json | undefined;

/** Keys that say which of several shapes an entry has, and what leaving one out means. */
const DISCRIMINATORS = { event: undefined, kind: 'ike' } as const;
type Discriminator = keyof typeof DISCRIMINATORS;

/** What the value says of itself. */
const kindOf = (value: unknown, key: Discriminator): unknown =>
  (value as Partial<Record<Discriminator, unknown>> | null | undefined)?.[key] ?? DISCRIMINATORS[key];

/** `all`, or of several shapes the one that the value says it has. */
function ofItsKind(all: Json[], value: unknown): Json[] {
  for (const key of Object.keys(DISCRIMINATORS) as Discriminator[]) {
    const kind = kindOf(value, key);
    const named = all.filter((branch) => branch.properties?.[key]?.const === kind);
    if (kind !== undefined && named.length > 0) return named;
  }
  return all;
}

/** The objects the schema allows at the path; of several events or kinds (`every` false), the one the file names. */
function objectsAt(root: unknown, path: Path, every = false): Json[] {
  rootSchema ??= experimentJsonSchema() as Json;
  const branches = (schema: Json | undefined | false, value: unknown): Json[] => {
    if (schema === undefined || schema === false) return [];
    const all = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((branch) => branches(branch, value));
    return [schema, ...(every ? all : ofItsKind(all, value))];
  };
  let value = root;
  let here = branches(rootSchema, value);
  for (const step of path) {
    value = at(value, [step]);
    here = here.flatMap((schema) => {
      if (typeof step === 'number') return branches(schema.items, value);
      const own = schema.properties !== undefined && Object.hasOwn(schema.properties, step) ? schema.properties[step] : undefined;
      return branches(own ?? schema.additionalProperties, value);
    });
  }
  return here;
}

/** The value at a path of plain data, own properties only. */
export function at(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

const NOUN: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function missing(root: unknown, path: Path): Problem {
  const key = String(path.at(-1) ?? '');
  const about = objectsAt(root, path).find((schema) => schema.description !== undefined)?.description;
  return { code: 'E_SPEC_MISSING_KEY', path, message: `missing key "${key}"`, hint: about === undefined ? undefined : `${key}: ${about}` };
}

/** Where the key belongs when it is one of an entry's other kinds. Events share most of theirs: a slip is likelier there. */
function ofAnotherKind(root: unknown, path: Path, key: string): string | undefined {
  const owners = objectsAt(root, path, true).filter((schema) => schema.properties?.kind?.const !== undefined);
  const owner = owners.find(({ properties }) => Object.hasOwn(properties!, key));
  if (owner === undefined) return undefined;
  const kind = at(root, [...path, 'kind']);
  const own = kind === undefined ? `an entry without "kind" is "kind: ${DISCRIMINATORS.kind}"` : `this is "kind: ${String(kind)}"`;
  return `"${key}" is for "kind: ${String(owner.properties!.kind!.const)}"; ${own}`;
}

type Issue = z.core.$ZodIssue;

function wrongType(root: unknown, path: Path, expected: string[]): Problem {
  const value = at(root, path);
  if (value === undefined) return missing(root, path);
  const nouns = [...new Set(expected.map((name) => NOUN[name] ?? name))];
  const hint = value === null ? 'give it a value or remove the key' : rewritten(root, path, expected, value);
  return { code: 'E_SPEC_TYPE', path, message: `expected ${nouns.join(' or ')}, got ${show(value)}`, hint };
}

/** How to write a single value as the one type that is expected. */
function rewritten(root: unknown, path: Path, [type, ...others]: string[], value: unknown): string | undefined {
  if (typeof value === 'object' || others.length > 0) return undefined;
  if (type === 'string') return `put it in quotes: "${String(value)}"`;
  if (type === 'array') return `write [${show(value).replaceAll('"', '')}]`;
  if (typeof value === 'string' && (type === 'number' || type === 'int')) {
    return /^-?\d{1,9}$/.test(value) ? `write ${value}, without quotes` : undefined;
  }
  const keys = type === 'object' ? objectsAt(root, path).flatMap(({ properties }) => Object.keys(properties ?? {})) : [];
  return keys.length === 0 ? undefined : `write { key: value } with keys of: ${[...new Set(keys)].join(', ')}`;
}

/** Of a union the branch that got furthest speaks; when the type fits none, all are named. */
function fromUnion(root: unknown, issue: Issue & { code: 'invalid_union' }, path: Path): Problem[] {
  const [key, options] = [(issue as { discriminator?: string }).discriminator, (issue as { options?: unknown[] }).options];
  if (key !== undefined && options !== undefined) {
    const value = at(root, path);
    const known = options.filter((one) => one !== undefined).map(String);
    if (value === undefined) return [{ ...missing(root, path), hint: `one of: ${known.join(', ')}` }];
    return [{ code: 'E_SPEC_VALUE', path, message: `unknown ${key} ${show(value)}`, hint: suggest(String(value), known) }];
  }
  const mismatched = (list: Issue[]) =>
    list.length === 1 && list[0]!.path.length === 0 && ['invalid_type', 'invalid_value'].includes(list[0]!.code);
  const fitting = issue.errors.find((list) => !mismatched(list));
  if (fitting !== undefined) return fitting.flatMap((inner) => fromIssue(root, inner, path));
  const types = issue.errors.flatMap((list) =>
    list.flatMap((inner) => {
      if (inner.code === 'invalid_value') return inner.values.map((known) => `"${String(known)}"`);
      return inner.code === 'invalid_type' ? [inner.expected] : ['string'];
    }),
  );
  return [wrongType(root, path, types)];
}

function fromIssue(root: unknown, issue: Issue, base: Path = []): Problem[] {
  const path: Path = [...base, ...(issue.path as (string | number)[])];
  const value = at(root, path);
  switch (issue.code) {
    case 'custom': {
      const params = (issue.params ?? {}) as Partial<IssueParams>;
      if (params.code === 'E_SPEC_MISSING_KEY') return [missing(root, path)];
      return [{ code: params.code ?? 'E_SPEC_VALUE', path, message: `${issue.message}: ${show(value)}`, hint: params.hint }];
    }
    case 'invalid_type':
      return [wrongType(root, path, [issue.expected])];
    case 'unrecognized_keys': {
      const objects = objectsAt(root, path);
      const known = new Set(objects.flatMap((schema) => Object.keys(schema.properties ?? {})));
      return issue.keys.map((key) => ({
        code: 'E_SPEC_UNKNOWN_KEY',
        path: [...path, key],
        at: 'key' as const,
        message: `unknown key ${show(key)}`,
        got: key,
        hint: ofAnotherKind(root, path, key) ?? suggest(key, known),
      }));
    }
    case 'invalid_union':
      return fromUnion(root, issue, path);
    case 'invalid_value': {
      if (typeof value !== 'string' && typeof value !== 'number') return [wrongType(root, path, ['string'])];
      return [
        { code: 'E_SPEC_VALUE', path, message: `unknown value ${show(value)}`, hint: suggest(String(value), issue.values.map(String)) },
      ];
    }
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      const counted = { array: ' entries', string: ' characters' }[issue.origin as string] ?? '';
      return [
        {
          code: 'E_SPEC_RANGE',
          path,
          message: `out of range: ${counted === '' ? show(value) : `${(value as { length: number }).length}${counted}`}`,
          hint: `${bound}${counted}`,
        },
      ];
    }
    default:
      return [{ code: 'E_SPEC_VALUE', path, message: `not usable: ${show(value)}`, hint: issue.message }];
  }
}

/** Problems of one cell; `root` is what was validated. */
export function zodProblems(root: unknown, issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue) => fromIssue(root, issue));
}
