/** Both implementations of ciphers, for the same tests. The node of this repository exports OpenSSL; another may have only the first. */
import { evpAvailable, evpCipher } from '../../../src/mlipsec/cipher/evp.ts';
import type { CipherFactory } from '../../../src/mlipsec/cipher/types.ts';
import { nodeCipher } from '../../../src/mlipsec/index.ts';

export const CIPHERS: [string, CipherFactory][] = [
  ['node:crypto', nodeCipher],
  ...(evpAvailable() ? [['EVP', evpCipher] as [string, CipherFactory]] : []),
];
