/** Keys for a foreign capture: a Wireshark profile folder, or a run folder with `keys/`. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ESP_TABLE, IKE_TABLE, KeyRing, loadKeys, parseEspTable, parseIkeTable } from '../../pcap/index.ts';
import { RoamlabError } from '../../types/errors.ts';
import { readText } from '../folder/read.ts';

/** Throws E_KEYS_MISSING when the folder has no key table, E_KEYS_SYNTAX. */
export async function foreignKeys(folder: string): Promise<KeyRing> {
  const [ike, esp] = [join(folder, IKE_TABLE), join(folder, ESP_TABLE)];
  const [hasIke, hasEsp] = [await exists(ike), await exists(esp)];
  if (hasIke || hasEsp) {
    return new KeyRing(hasIke ? parseIkeTable(await readText(ike), ike) : [], hasEsp ? parseEspTable(await readText(esp), esp) : []);
  }
  if (await exists(join(folder, 'keys'))) return loadKeys(folder);
  throw new RoamlabError('E_KEYS_MISSING', 2, `no ${IKE_TABLE} and no ${ESP_TABLE} here`, {
    where: folder,
    hint: 'give a Wireshark profile folder, or a run folder with keys/',
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
