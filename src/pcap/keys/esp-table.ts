/**
 * `esp_sa`: "IPv4", "src", "dst", "0xspi", "encryption", "0xkey", "integrity", "0xkey", as strongSwan's save-keys
 * writes it; newer Wiresharks append the sequence number's size, which is not needed. src and dst may be `*`.
 */
import { isIP } from 'node:net';
import type { EspKeys, Integrity } from '../../types/keys.ts';
import { CIPHERS, MACS } from '../crypto/algorithms.ts';
import { byName, ESP_ENCRYPTION, ESP_INTEGRITY, nameOf } from './algorithms.ts';
import { hex, unnamed } from './ike-table.ts';
import { hexField, parseRows, syntaxError } from './uat.ts';

export const ESP_TABLE = 'esp_sa';

/** Throws E_KEYS_SYNTAX with `file:line`. */
export function parseEspTable(text: string, file = ESP_TABLE): EspKeys[] {
  return parseRows(text, file).map(({ where, fields }) => {
    if (fields.length < 8 || fields.length > 10) throw syntaxError(where, `${fields.length} fields, an ESP SA has 8`);
    const [family, src, dst, spi, encryption, encrHex, integrity, integHex] = fields as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const version = { ipv4: 4, ipv6: 6 }[family.toLowerCase()];
    if (version === undefined) throw syntaxError(where, `address family "${family}" is neither IPv4 nor IPv6`);
    for (const address of [src, dst]) {
      if (address !== '*' && isIP(address) !== version) throw syntaxError(where, `"${address}" is not an ${family} address`);
    }
    if (!/^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(spi) || Number(spi) > 0xffffffff)
      throw syntaxError(where, `SPI "${spi}" is not a 32-bit number`);
    const encrKey = key(encrHex, 'the encryption key', where);
    const integKey = key(integHex, 'the integrity key', where);
    const integ = byName(ESP_INTEGRITY, integrity);
    if (integ === undefined) throw syntaxError(where, `integrity algorithm "${integrity}" is not known`);
    const encr = byName(ESP_ENCRYPTION, `${encryption}#${encrKey.length}`);
    if (encr === undefined)
      throw syntaxError(where, `encryption algorithm "${encryption}" with a key of ${encrKey.length} octets is not known`);
    const rest = { src, dst, spi: Number(spi), encrKey };
    const { kind, icv } = CIPHERS[encr];
    if (kind === 'aead') return { ...rest, encr: withIcv(encr, integ, icv), integ: 'none', integKey: new Uint8Array(0) };
    const { hash, key: size } = MACS[integ];
    // nothing bounds an HMAC key but sense; RFC 4868 gives the size IKE negotiates
    if (hash !== null && integKey.length !== size)
      throw syntaxError(where, `the integrity key has ${integKey.length} octets, ${integrity} needs ${size}`);
    return { ...rest, encr, integ, integKey };
  });
}

/** One line per SA. Throws E_KEYS_ALGORITHM when Wireshark has no name for an algorithm. */
export function formatEspTable(keys: readonly EspKeys[]): string {
  return keys
    .map((k) => {
      const encr = nameOf(ESP_ENCRYPTION, k.encr);
      const integ = nameOf(ESP_INTEGRITY, CIPHERS[k.encr].kind === 'aead' ? 'none' : k.integ);
      if (encr === undefined || integ === undefined) throw unnamed(encr === undefined ? k.encr : k.integ, ESP_TABLE);
      const family = [k.src, k.dst].some((address) => isIP(address) === 6) ? 'IPv6' : 'IPv4';
      const spi = `0x${k.spi.toString(16).padStart(8, '0')}`;
      return `${[family, k.src, k.dst, spi, encr, `0x${hex(k.encrKey)}`, integ, `0x${hex(k.integKey)}`].map((field) => `"${field}"`).join(',')}\n`;
    })
    .join('');
}

function key(text: string, name: string, where: string): Uint8Array {
  if (text === '' || /^0x$/i.test(text)) return new Uint8Array(0);
  if (!/^0x/i.test(text)) throw syntaxError(where, `${name} does not start with 0x`);
  return hexField(text.slice(2), name, where);
}

/** save-keys writes "AES-GCM" and puts the ICV's length in the integrity column. */
function withIcv(encr: EspKeys['encr'], integ: Integrity, icv: number): EspKeys['encr'] {
  const said = integ.startsWith('unchecked') ? MACS[integ].icv : icv;
  return encr.replace(/gcm16$/, said === 8 || said === 12 ? `gcm${said}` : 'gcm16') as EspKeys['encr'];
}
