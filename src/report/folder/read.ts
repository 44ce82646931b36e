/** Reads the JSON files of a results folder. Whatever is wrong with one is said with its name. */
import { readFile, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import type { ZodType } from 'zod';
import { RoamlabError } from '../../types/errors.ts';

/** Refuses what is there and is no file: reading a pipe would wait for its writer. Throws E_FOLDER_READ. */
export async function requireFile(path: string): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (info !== null && !info.isFile()) throw new RoamlabError('E_FOLDER_READ', 2, 'this is not a regular file', { where: path });
}

/** Text of a file. Throws E_FOLDER_READ. */
export async function readText(path: string): Promise<string> {
  await requireFile(path);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new RoamlabError('E_FOLDER_READ', 2, missing ? 'the file is missing' : `cannot read: ${(cause as Error).message}`, {
      where: path,
      cause,
    });
  }
}

/** A JSON file that must fit `schema`. Throws E_FOLDER_READ, E_FOLDER_FORMAT. */
export async function readJson<T>(path: string, schema: ZodType<T>): Promise<T> {
  return check(await readText(path), schema, path);
}

/** One JSON value per line, at most `most`. A last line without its end is what a killed writer leaves: it is an error like any other. */
export async function readJsonLines<T>(path: string, schema: ZodType<T>, most: number): Promise<T[]> {
  const lines = (await readText(path)).split('\n', most + 2); // one line more than allowed, and the end of the last
  if (lines.length > most + 1) throw new RoamlabError('E_FOLDER_FORMAT', 2, `more than ${most} lines`, { where: path });
  return lines.flatMap((line, i) => (line.trim() === '' ? [] : [check(line, schema, `${path}:${i + 1}`)]));
}

/** `name` inside `folder`; names come from files and must not lead out. Throws E_FOLDER_ESCAPE. */
export function inside(folder: string, name: string): string {
  const path = resolve(folder, name);
  const way = relative(resolve(folder), path);
  if (way === '' || way === '..' || way.startsWith(`..${sep}`) || name.includes('\0')) {
    throw new RoamlabError('E_FOLDER_ESCAPE', 2, `the name leads out of the folder: ${JSON.stringify(name)}`, { where: folder });
  }
  return path;
}

function check<T>(text: string, schema: ZodType<T>, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RoamlabError('E_FOLDER_FORMAT', 2, `not JSON: ${(cause as Error).message}`, { where, cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new RoamlabError('E_FOLDER_FORMAT', 2, `${issue.path.join('.') || 'value'}: ${issue.message}`, {
    where,
    hint: 'the file was not written by this version of roamlab',
  });
}
