/**
 * strongSwan proposal strings (`aes128-sha256-modp2048,aes256gcm16-prfsha384-ecp384`), checked loosely: every word is an algorithm and
 * the kinds a protocol cannot do without are there. charon has the last word.
 */
import { nearest } from './did-you-mean.ts';

type Kind = 'encryption' | 'aead' | 'integrity' | 'prf' | 'group' | 'esn';

const KEYWORDS: Record<Kind, string[]> = {
  encryption: [
    ...['aes', 'aes128', 'aes192', 'aes256', 'aes128ctr', 'aes192ctr', 'aes256ctr', '3des', 'null', 'des', 'cast128', 'blowfish256'],
    ...['camellia', 'camellia128', 'camellia192', 'camellia256', 'blowfish128', 'serpent128', 'serpent256', 'twofish128', 'twofish256'],
  ],
  aead: [
    ...['aes128', 'aes192', 'aes256'].flatMap((aes) =>
      ['gcm', 'gcm8', 'gcm12', 'gcm16', 'gcm64', 'gcm96', 'gcm128'].map((mode) => aes + mode),
    ),
    ...['aes128', 'aes192', 'aes256'].flatMap((aes) =>
      ['ccm8', 'ccm12', 'ccm16', 'ccm64', 'ccm96', 'ccm128', 'gmac'].map((mode) => aes + mode),
    ),
    'chacha20poly1305',
  ],
  integrity: [
    'md5',
    'sha',
    'sha1',
    'sha1_160',
    'sha256',
    'sha2_256',
    'sha256_96',
    'sha384',
    'sha2_384',
    'sha512',
    'sha2_512',
    'aesxcbc',
    'aescmac',
  ],
  prf: ['prfmd5', 'prfsha1', 'prfsha256', 'prfsha384', 'prfsha512', 'prfaesxcbc', 'prfaescmac'],
  group: [
    ...['modp768', 'modp1024', 'modp1536', 'modp2048', 'modp3072', 'modp4096', 'modp6144', 'modp8192', 'modp2048s256', 'modp1024s160'],
    ...['ecp192', 'ecp224', 'ecp256', 'ecp384', 'ecp521', 'ecp224bp', 'ecp256bp', 'ecp384bp', 'ecp512bp', 'curve25519', 'x25519'],
    ...['curve448', 'x448', 'mlkem512', 'mlkem768', 'mlkem1024'],
  ],
  esn: ['esn', 'noesn'],
};

const KIND_OF = new Map(Object.entries(KEYWORDS).flatMap(([kind, words]) => words.map((word) => [word, kind as Kind] as const)));

/** Kinds of which one list must be covered. */
const NEEDS: Record<'ike' | 'esp', Kind[][]> = {
  ike: [['encryption', 'aead'], ['integrity', 'prf'], ['group']],
  esp: [['encryption', 'aead']],
};

export function proposalProblem(protocol: 'ike' | 'esp', text: string): { message: string; hint: string } | null {
  const example = protocol === 'ike' ? 'aes128-sha256-modp2048' : 'aes128-sha256';
  for (const proposal of text.split(',')) {
    const kinds = new Set<Kind>();
    for (const word of proposal.trim().split('-')) {
      // `ke1_mlkem768`: additional key exchanges, RFC 9370
      const kind = KIND_OF.get(word.replace(/^ke[1-7]_/, ''));
      if (kind === undefined) {
        const near = nearest(word, KIND_OF.keys());
        return {
          message: `"${word.slice(0, 40)}" is no algorithm`,
          hint: near === undefined ? `such as ${example}` : `did you mean "${near}"?`,
        };
      }
      kinds.add(kind);
    }
    const missing = NEEDS[protocol].find((choice) => !choice.some((kind) => kinds.has(kind)));
    if (missing !== undefined)
      return { message: `the ${protocol.toUpperCase()} proposal names no ${missing[0]} algorithm`, hint: `such as ${example}` };
    if (protocol === 'esp' && kinds.has('encryption') && !kinds.has('integrity')) {
      return { message: 'the ESP proposal encrypts without integrity', hint: `such as ${example}, or aes128gcm16` };
    }
  }
  return null;
}
