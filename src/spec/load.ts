/** The loader's file side: what can be wrong with a file before anybody looks at its text. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { RoamlabError } from '../types/errors.ts';
import { MAX_BYTES } from './limits.ts';
import { type LoadedExperiment, parseExperiment } from './parse.ts';

function fail(code: string, path: string, what: string, hint: string, cause?: unknown): RoamlabError {
  return new RoamlabError(code, 2, what, { where: path, hint, ...(cause === undefined ? {} : { cause }) });
}

function fromSystem(path: string, error: NodeJS.ErrnoException): RoamlabError {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    return fail('E_FILE_MISSING', path, 'there is no such file', 'check the path', error);
  if (error.code === 'ERR_INVALID_ARG_VALUE') return fail('E_FILE_MISSING', path, 'not a path', 'check the path', error);
  return fail('E_FILE_UNREADABLE', path, `the file cannot be read (${error.code ?? error.message})`, 'check its permissions', error);
}

/** Reads at most one byte more than allowed, whatever the size said before. */
async function readLimited(handle: FileHandle): Promise<Uint8Array> {
  const buffer = new Uint8Array(MAX_BYTES + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
  }
}

async function readText(path: string): Promise<string> {
  // Looked at before it is opened: opening a FIFO would wait for a writer.
  const info = await stat(path);
  if (info.isDirectory()) throw fail('E_FILE_DIRECTORY', path, 'this is a directory', 'name the experiment file in it');
  if (!info.isFile()) throw fail('E_FILE_KIND', path, 'this is not a regular file', 'name an experiment file');
  const tooBig = fail('E_FILE_TOO_BIG', path, `the file has more than ${MAX_BYTES} bytes`, 'is this the right file?');
  if (info.size > MAX_BYTES) throw tooBig;
  await using handle = await open(path, 'r');
  const bytes = await readLimited(handle);
  if (bytes.length > MAX_BYTES) throw tooBig;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw fail('E_FILE_ENCODING', path, 'the file is not UTF-8 text', 'save it as UTF-8', error);
  }
}

/** Reads and checks an experiment file. Throws RoamlabError `E_FILE_...` or SpecError, both exit 2. */
export async function loadExperiment(path: string): Promise<LoadedExperiment> {
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    throw error instanceof RoamlabError ? error : fromSystem(path, error as NodeJS.ErrnoException);
  }
  return parseExperiment(text, path);
}
