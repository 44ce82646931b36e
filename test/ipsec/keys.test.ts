/**
 * Logs of real charons (5.9.8 and 6.0.1, level 4 as our strongswan.conf asks for) and of `ip xfrm state`. What the ends of one
 * SA logged must be the same keys.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { espKeysFromSad, ikeKeysFromLog } from '../../src/ipsec/keys.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
const plain = (rows: object[]) =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v instanceof Uint8Array ? Buffer.from(v).toString('hex') : v])),
  );

describe('IKE keys from a log', () => {
  test('of 6.0.1, as Wireshark decrypted that run with', () => {
    expect(plain(ikeKeysFromLog(fixture('keys-6.0.1-initiator.log')))).toEqual([
      {
        initiatorSpi: '98a9f55f709a6849',
        responderSpi: '7f75bac8e8bce056',
        encr: 'aes128',
        integ: 'sha256',
        skEi: 'b2248de3180950297bb0a8e9ad251072',
        skEr: 'd01182d2b02b7b50ba5eece28a536674',
        skAi: '4bb0d071589358583cae24a03fb4a3ca69adfa9bf71f6bb16a577f9f22bed846',
        skAr: '50b20f1a399ab00f74ae1a84d855d78434148f96299be7f5480a4bfa772dcf1d',
      },
    ]);
  });

  test('the responder logged the same', () => {
    expect(plain(ikeKeysFromLog(fixture('keys-6.0.1-responder.log')))).toEqual(plain(ikeKeysFromLog(fixture('keys-6.0.1-initiator.log'))));
  });

  test('of 5.9.8', () => {
    const [keys, ...more] = plain(ikeKeysFromLog(fixture('keys-5.9.8-initiator.log')));
    expect(more).toEqual([]);
    expect(keys).toMatchObject({ encr: 'aes128', integ: 'sha256' });
    expect(keys!.responderSpi).not.toMatch(/^0*$/);
    expect([keys!.skEi, keys!.skEr, keys!.skAi, keys!.skAr].map((k) => String(k).length)).toEqual([32, 32, 64, 64]);
  });

  const edited = (proposal: string) => fixture('keys-6.0.1-initiator.log').replace('AES_CBC_128/HMAC_SHA2_256_128', proposal);
  test.each([
    ['AES_CBC_256/HMAC_SHA2_512_256', 'aes256', 'sha512'],
    ['AES_CTR_192/HMAC_SHA1_96', 'aes192ctr', 'sha1'],
    ['3DES_CBC/HMAC_MD5_96', '3des', 'md5'],
    ['AES_GCM_16_256', 'aes256gcm16', 'none'],
    ['AES_GCM_8_128', 'aes128gcm8', 'none'],
    ['AES_GCM_12_192', 'aes192gcm12', 'none'],
    ['CHACHA20_POLY1305', 'chacha20poly1305', 'none'],
    ['AES_CBC_128/AES_XCBC_96', 'aes128', 'unchecked12'],
  ])('proposal %s', (proposal, encr, integ) => {
    expect(ikeKeysFromLog(edited(proposal))[0]).toMatchObject({ encr, integ });
  });

  test('a cipher the decoder does not know gives no row rather than a wrong one', () => {
    expect(ikeKeysFromLog(edited('CAMELLIA_CBC_128/HMAC_SHA2_256_128'))).toEqual([]);
  });

  test('a log cut off anywhere gives whole keys or none', () => {
    const log = fixture('keys-6.0.1-initiator.log');
    const whole = plain(ikeKeysFromLog(log));
    const lines = log.split('\n');
    for (let n = 0; n <= lines.length; n++) {
      const found = plain(ikeKeysFromLog(lines.slice(0, n).join('\n')));
      if (found.length > 0) expect(found, `${n} lines`).toEqual(whole);
    }
    expect(ikeKeysFromLog('')).toEqual([]);
  });

  test('two SAs in one log are two rows', () => {
    const log = `${fixture('keys-6.0.1-initiator.log')}\n${fixture('keys-5.9.8-initiator.log')}`;
    expect(new Set(ikeKeysFromLog(log).map((k) => k.initiatorSpi)).size).toBe(2);
  });
});

describe('ESP keys from the kernel', () => {
  test('what `ip xfrm state` of a run said', () => {
    expect(plain(espKeysFromSad(fixture('sad.txt')))).toEqual([
      {
        src: '10.1.0.3',
        dst: '10.3.0.2',
        spi: 0xca83d2a8,
        encr: 'aes128',
        encrKey: '9b30134e7f5fcf564fe23fd7de6f4c18',
        integ: 'sha256',
        integKey: 'b3f83a9af53434b876c72437f2a64f940a35fa75b01a3e363b7545e9164b8f73',
      },
      {
        src: '10.3.0.2',
        dst: '10.1.0.3',
        spi: 0xc9a5ddc3,
        encr: 'aes128',
        encrKey: 'e44db5b7654e795bcf82b9dd168c701d',
        integ: 'sha256',
        integKey: 'ec8624b09f79369564a8d38fd4680c79ff3274c3efd484a0678d22ce06bbbc4b',
      },
    ]);
  });

  const state = (...algorithms: string[]) =>
    `src 2001:db8::1 dst 2001:db8::2\n\tproto esp spi 0x00000001 reqid 1 mode transport\n\treplay-window 32 \n${algorithms.map((a) => `\t${a}\n`).join('')}\tsel src ::/0 dst ::/0 \n`;
  const key = (octets: number) => `0x${'ab'.repeat(octets)}`;
  const sha1 = `auth-trunc hmac(sha1) ${key(20)} 96`;

  test.each([
    ['aes192 and sha384', [`auth-trunc hmac(sha384) ${key(48)} 192`, `enc cbc(aes) ${key(24)}`], 'aes192', 'sha384', 24],
    ['ctr: the key ends in its salt', [sha1, `enc rfc3686(ctr(aes)) ${key(20)}`], 'aes128ctr', 'sha1', 20],
    ['3des and md5', [`auth-trunc hmac(md5) ${key(16)} 96`, `enc cbc(des3_ede) ${key(24)}`], '3des', 'md5', 24],
    ['null', [`auth-trunc hmac(sha256) ${key(32)} 96`, 'enc ecb(cipher_null) '], 'null', 'sha256_96', 0],
    ['gcm with 16 octets of ICV', [`aead rfc4106(gcm(aes)) ${key(36)} 128`], 'aes256gcm16', 'none', 36],
    ['gcm with 8 octets of ICV', [`aead rfc4106(gcm(aes)) ${key(20)} 64`], 'aes128gcm8', 'none', 20],
    ['chacha20', [`aead rfc7539esp(chacha20,poly1305) ${key(36)} 128`], 'chacha20poly1305', 'none', 36],
    ['an integrity nobody checks', [`auth-trunc xcbc(aes) ${key(16)} 96`, `enc cbc(aes) ${key(16)}`], 'aes128', 'unchecked12', 16],
  ] as const)('%s', (_, algorithms, encr, integ, octets) => {
    const [found, ...more] = espKeysFromSad(state(...algorithms));
    expect(more).toEqual([]);
    expect(found).toMatchObject({ src: '2001:db8::1', dst: '2001:db8::2', spi: 1, encr, integ });
    expect(found!.encrKey).toHaveLength(octets);
  });

  test('SAs of other protocols, unknown ciphers and larval SAs are left out; the rest stays', () => {
    const ah = state(sha1).replace('proto esp', 'proto ah');
    const larval = 'src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00000000 reqid 1 mode tunnel\n\treplay-window 0 \n';
    const text = [ah, state(sha1, `enc cbc(camellia) ${key(16)}`), larval, fixture('sad.txt')].join('');
    expect(espKeysFromSad(text).map((k) => k.spi)).toEqual([0xca83d2a8, 0xc9a5ddc3]);
    expect(espKeysFromSad('')).toEqual([]);
  });
});
