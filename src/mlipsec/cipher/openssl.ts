/**
 * The OpenSSL inside the node binary, called without node:crypto between: one context per SA, initialised with an IV for each packet, takes
 * 0.4 us where making a cipher object takes 3. Official builds export the symbols; others may not. Pointers are numbers (host/pinned.ts).
 */
import koffi from 'koffi';

/** Address of a context, an algorithm, or pinned memory; 0 is NULL. */
export type Address = number;

const PROTOTYPES = {
  EVP_CIPHER_CTX_new: 'uintptr_t EVP_CIPHER_CTX_new()',
  EVP_CIPHER_CTX_free: 'void EVP_CIPHER_CTX_free(uintptr_t context)',
  EVP_CIPHER_CTX_set_padding: 'int EVP_CIPHER_CTX_set_padding(uintptr_t context, int on)',
  EVP_CIPHER_CTX_ctrl: 'int EVP_CIPHER_CTX_ctrl(uintptr_t context, int type, int argument, uintptr_t pointer)',
  EVP_get_cipherbyname: 'uintptr_t EVP_get_cipherbyname(const char *name)',
  EVP_EncryptInit_ex: 'int EVP_EncryptInit_ex(uintptr_t context, uintptr_t cipher, uintptr_t engine, uintptr_t key, uintptr_t iv)',
  EVP_EncryptUpdate: 'int EVP_EncryptUpdate(uintptr_t context, uintptr_t out, uintptr_t outLength, uintptr_t data, int length)',
  EVP_EncryptFinal_ex: 'int EVP_EncryptFinal_ex(uintptr_t context, uintptr_t out, uintptr_t outLength)',
  EVP_DecryptInit_ex: 'int EVP_DecryptInit_ex(uintptr_t context, uintptr_t cipher, uintptr_t engine, uintptr_t key, uintptr_t iv)',
  EVP_DecryptUpdate: 'int EVP_DecryptUpdate(uintptr_t context, uintptr_t out, uintptr_t outLength, uintptr_t data, int length)',
  EVP_DecryptFinal_ex: 'int EVP_DecryptFinal_ex(uintptr_t context, uintptr_t out, uintptr_t outLength)',
  EVP_get_digestbyname: 'uintptr_t EVP_get_digestbyname(const char *name)',
  HMAC_CTX_new: 'uintptr_t HMAC_CTX_new()',
  HMAC_CTX_free: 'void HMAC_CTX_free(uintptr_t context)',
  HMAC_Init_ex: 'int HMAC_Init_ex(uintptr_t context, uintptr_t key, int length, uintptr_t digest, uintptr_t engine)',
  HMAC_Update: 'int HMAC_Update(uintptr_t context, uintptr_t data, size_t length)',
  HMAC_Final: 'int HMAC_Final(uintptr_t context, uintptr_t out, uintptr_t outLength)',
};

export type OpenSsl = Record<keyof typeof PROTOTYPES, ReturnType<ReturnType<typeof koffi.load>['func']>>;

let found: OpenSsl | null | undefined;

/** The functions, or null where this process does not export them. */
export function openSsl(): OpenSsl | null {
  if (found !== undefined) return found;
  try {
    const process = koffi.load(null);
    found = Object.fromEntries(Object.entries(PROTOTYPES).map(([name, prototype]) => [name, process.func(prototype)])) as OpenSsl;
  } catch {
    found = null;
  }
  return found;
}
