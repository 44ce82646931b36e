/**
 * `ikev2_decryption_table`: initiator SPI, responder SPI, SK_ei, SK_er, "encryption", SK_ai, SK_ar, "integrity" - hex
 * without 0x, as strongSwan's save-keys writes it. AEADs leave SK_a empty.
 */
import { RoamlabError } from '../../types/errors.ts';
import type { IkeKeys } from '../../types/keys.ts';
import { CIPHERS, MACS } from '../crypto/algorithms.ts';
import { byName, IKE_ENCRYPTION, IKE_INTEGRITY, nameOf } from './algorithms.ts';
import { hexField, parseRows, syntaxError } from './uat.ts';

export const IKE_TABLE = 'ikev2_decryption_table';

/** Throws E_KEYS_SYNTAX with `file:line`. */
export function parseIkeTable(text: string, file = IKE_TABLE): IkeKeys[] {
  return parseRows(text, file).map(({ where, fields }) => {
    if (fields.length !== 8) throw syntaxError(where, `${fields.length} fields, an IKE_SA has 8`);
    const [initiator, responder, ei, er, encryption, ai, ar, integrity] = fields as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const encr = byName(IKE_ENCRYPTION, encryption);
    const integ = byName(IKE_INTEGRITY, integrity);
    if (encr === undefined) throw syntaxError(where, `encryption algorithm "${encryption}" is not known`);
    if (integ === undefined) throw syntaxError(where, `integrity algorithm "${integrity}" is not known`);
    const spi = (value: string, name: string) => {
      if (!/^[0-9a-fA-F]{16}$/.test(value)) throw syntaxError(where, `${name} is not 16 hex digits`);
      return value.toLowerCase();
    };
    const key = (value: string, name: string, length: number) => {
      const octets = hexField(value, name, where);
      if (octets.length !== length)
        throw syntaxError(
          where,
          `${name} has ${octets.length} octets, ${name.startsWith('SK_e') ? encryption : integrity} needs ${length}`,
        );
      return octets;
    };
    const cipher = CIPHERS[encr];
    const keySize = cipher.key + cipher.salt;
    const macSize = cipher.kind === 'aead' ? 0 : MACS[integ].key;
    return {
      initiatorSpi: spi(initiator, 'initiator SPI'),
      responderSpi: spi(responder, 'responder SPI'),
      skEi: key(ei, 'SK_ei', keySize),
      skEr: key(er, 'SK_er', keySize),
      encr,
      skAi: key(ai, 'SK_ai', macSize),
      skAr: key(ar, 'SK_ar', macSize),
      integ,
    };
  });
}

/** One line per IKE_SA. Throws E_KEYS_ALGORITHM when Wireshark has no name for an algorithm. */
export function formatIkeTable(keys: readonly IkeKeys[]): string {
  return keys
    .map((k) => {
      const encr = nameOf(IKE_ENCRYPTION, k.encr);
      const integ = nameOf(IKE_INTEGRITY, CIPHERS[k.encr].kind === 'aead' ? 'none' : k.integ);
      if (encr === undefined || integ === undefined) throw unnamed(encr === undefined ? k.encr : k.integ, IKE_TABLE);
      return `${k.initiatorSpi},${k.responderSpi},${hex(k.skEi)},${hex(k.skEr)},"${encr}",${hex(k.skAi)},${hex(k.skAr)},"${integ}"\n`;
    })
    .join('');
}

export const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');

export function unnamed(id: string, table: string): RoamlabError {
  return new RoamlabError('E_KEYS_ALGORITHM', 2, `Wireshark's ${table} has no name for ${id}`);
}
