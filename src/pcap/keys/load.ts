/** Reads the key tables of a run folder (types/run.ts has its layout). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoamlabError } from '../../types/errors.ts';
import { CSA_FILE, parseCsaFile } from './csa-file.ts';
import { ESP_TABLE, parseEspTable } from './esp-table.ts';
import { IKE_TABLE, parseIkeTable } from './ike-table.ts';
import { KeyRing } from './ring.ts';

/**
 * The keys in `<folder>/keys/`; a table that does not exist holds none. Throws E_KEYS_SYNTAX with `file:line`,
 * E_KEYS_READ.
 */
export async function loadKeys(folder: string): Promise<KeyRing> {
  const [ike, esp, csa] = [join(folder, 'keys', IKE_TABLE), join(folder, 'keys', ESP_TABLE), join(folder, 'keys', CSA_FILE)];
  const zoned = await text(csa);
  return new KeyRing(
    parseIkeTable(await text(ike), ike),
    parseEspTable(await text(esp), esp),
    zoned === '' ? [] : parseCsaFile(zoned, csa),
  );
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new RoamlabError('E_KEYS_READ', 2, `cannot read the keys: ${(cause as Error).message}`, { where: path, cause });
  }
}
