/** Both implementations of ciphers, for the same tests. */
import type { CipherFactory } from '../../../src/mlipsec/cipher/types.ts';
import { nodeCipher } from '../../../src/mlipsec/index.ts';

export const CIPHERS: [string, CipherFactory][] = [['node:crypto', nodeCipher]];
