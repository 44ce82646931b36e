/** The implementation of ciphers that new SAs use unless told otherwise. */
import { nodeCipher } from './node.ts';
import type { CipherFactory } from './types.ts';

export const bestCipher = (): CipherFactory => nodeCipher;
