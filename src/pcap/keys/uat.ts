/**
 * Wireshark's user tables (UAT) as text: one record per line, fields separated by commas, bare or in double quotes with
 * \xNN escapes; `#` starts a comment line. Errors name file and line.
 */
import { RoamlabError } from '../../types/errors.ts';

export interface Row {
  /** `file:line` */
  where: string;
  fields: string[];
}

/** E_KEYS_SYNTAX */
export function syntaxError(where: string, what: string): RoamlabError {
  return new RoamlabError('E_KEYS_SYNTAX', 2, what, {
    where,
    hint: "the file must be one of Wireshark's key tables, as a run writes them",
  });
}

/** Splits a table into records. Throws E_KEYS_SYNTAX. */
export function parseRows(text: string, file: string): Row[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const where = `${file}:${index + 1}`;
    return [{ where, fields: splitFields(line, where) }];
  });
}

const FIELD = /\s*(?:"((?:[^"\\]|\\.)*)"|([^",]*?))\s*(,|$)/y;

function splitFields(line: string, where: string): string[] {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const at = FIELD.lastIndex;
    const match = FIELD.exec(line);
    if (match === null) throw syntaxError(`${where}:${at + 1}`, 'a quote is not closed, or something follows it');
    const [, quoted, bare, separator] = match;
    fields.push(quoted === undefined ? bare! : unescaped(quoted));
    if (separator === '') return fields;
  }
}

const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_all, hex: string | undefined, plain: string) =>
    hex === undefined ? plain : String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** Octets of a hex field. Throws E_KEYS_SYNTAX; never shows the key. */
export function hexField(text: string, name: string, where: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw syntaxError(where, `${name} is not an even number of hex digits`);
  return Buffer.from(text, 'hex');
}
