/**
 * Session keys of a run, from what stock tools reveal: charon's level-4 log holds the IKE_SA's keys, the kernel's SAD the
 * CHILD_SAs'. Both are of this run only and make its captures readable.
 */
import { type Encryption, type EspKeys, type IkeKeys, INTEGRITIES, type Integrity } from '../types/keys.ts';

/** charon's names in its `selected proposal` line -> our ids (key length in the name). */
const IKE_ENCRYPTION: Record<string, Encryption> = {
  NULL: 'null',
  '3DES_CBC': '3des',
  CHACHA20_POLY1305: 'chacha20poly1305',
};
for (const bits of [128, 192, 256] as const) {
  IKE_ENCRYPTION[`AES_CBC_${bits}`] = `aes${bits}`;
  IKE_ENCRYPTION[`AES_CTR_${bits}`] = `aes${bits}ctr`;
  for (const icv of [8, 12, 16] as const) IKE_ENCRYPTION[`AES_GCM_${icv}_${bits}`] = `aes${bits}gcm${icv}`;
}
/** `unchecked`: algorithms the decoder cannot verify, by ICV length. */
const IKE_INTEGRITY: Record<string, Integrity> = {
  HMAC_MD5_96: 'md5',
  AES_XCBC_96: 'unchecked12',
  AES_CMAC_96: 'unchecked12',
  HMAC_SHA1_96: 'sha1',
  HMAC_SHA2_256_128: 'sha256',
  HMAC_SHA2_384_192: 'sha384',
  HMAC_SHA2_512_256: 'sha512',
};

interface Dump {
  label: string;
  bytes: Buffer;
}

/** Hex dumps (`label => N bytes @ 0x…` and the lines of octets after it) and plain lines, in order. */
function* items(log: string): Generator<Dump | string> {
  const lines = log.split('\n').map((line) => line.replace(/^\S+ \d+\[\w+\] /, ''));
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const head = /^(.*) => (\d+) bytes @ /.exec(line);
    if (head === null) {
      yield line;
      continue;
    }
    const length = Number(head[2]);
    const octets: string[] = [];
    while (octets.length < length) {
      const dump = /^\s*\d+: ((?:[0-9A-F]{2} ?)+)/.exec(lines[i + 1] ?? '');
      if (dump === null) break;
      octets.push(...(dump[1] as string).trim().split(/\s+/).slice(0, 16));
      i++;
    }
    yield { label: head[1] as string, bytes: Buffer.from(octets.slice(0, length).join(''), 'hex') };
  }
}

/** IKE_SAs whose keys stand in a charon's log, either end's. One with a cipher the decoder does not know is left out. */
export function ikeKeysFromLog(log: string): IkeKeys[] {
  const found: IkeKeys[] = [];
  let spis: Buffer = Buffer.alloc(0);
  let encr: Encryption | undefined;
  let integ: Integrity = 'none';
  let secrets: Record<string, Buffer> = {};
  for (const item of items(log)) {
    if (typeof item === 'string') {
      const proposal = /selected proposal: IKE:(\S+)/.exec(item)?.[1];
      if (proposal === undefined) continue;
      const names = proposal.split('/');
      encr = names.map((n) => IKE_ENCRYPTION[n]).find((e) => e !== undefined);
      integ = names.map((n) => IKE_INTEGRITY[n]).find((e) => e !== undefined) ?? 'none';
      continue;
    }
    // the NAT detection hash covers SPIi | SPIr | address | port (RFC 7296, 2.23)
    if (item.label === 'natd_chunk') spis = item.bytes.subarray(0, 16);
    const key = /^Sk_(ai|ar|ei|er|pr) secret$/i.exec(item.label)?.[1]?.toLowerCase();
    if (key === undefined) continue;
    secrets[key] = item.bytes;
    if (key !== 'pr') continue; // the last one derived
    const none = Buffer.alloc(0);
    if (encr !== undefined && secrets.ei !== undefined && secrets.er !== undefined && spis.length === 16) {
      found.push({
        initiatorSpi: spis.toString('hex', 0, 8),
        responderSpi: spis.toString('hex', 8, 16),
        encr,
        skEi: secrets.ei,
        skEr: secrets.er,
        integ,
        skAi: secrets.ai ?? none,
        skAr: secrets.ar ?? none,
      });
    }
    secrets = {};
  }
  return found;
}

const AEAD_ICV: Record<string, string> = { '64': '8', '96': '12', '128': '16' };

function encryption(words: string[]): Encryption | null {
  const [kind, name = '', key = '', icv = ''] = words;
  const bits = ((key.length - 2) / 2) * 8;
  if (kind === 'aead') {
    if (name.startsWith('rfc7539esp')) return 'chacha20poly1305';
    return name.startsWith('rfc4106') ? (`aes${bits - 32}gcm${AEAD_ICV[icv] ?? '16'}` as Encryption) : null;
  }
  if (name === 'cbc(aes)') return `aes${bits}` as Encryption;
  if (name === 'cbc(des3_ede)') return '3des';
  if (name === 'ecb(cipher_null)') return 'null';
  return name.startsWith('rfc3686(ctr') ? (`aes${bits - 32}ctr` as Encryption) : null;
}

const KERNEL_INTEGRITY: Record<string, Integrity> = {
  'hmac(md5)/96': 'md5',
  'hmac(sha1)/96': 'sha1',
  'hmac(sha256)/96': 'sha256_96',
  'hmac(sha256)/128': 'sha256',
  'hmac(sha384)/192': 'sha384',
  'hmac(sha512)/256': 'sha512',
};

/** One whose algorithm the decoder does not know still has an ICV of known length. */
function integrity([, name, , bits]: string[]): Integrity {
  const unchecked = INTEGRITIES.find((id) => id === `unchecked${Number(bits) / 8}`);
  return KERNEL_INTEGRITY[`${name}/${bits}`] ?? unchecked ?? 'none';
}

/** ESP SAs in the output of `ip xfrm state`. */
export function espKeysFromSad(text: string): EspKeys[] {
  const found: EspKeys[] = [];
  for (const block of text.split(/^(?=src )/m)) {
    const head = /^src (\S+) dst (\S+)\s+proto esp spi 0x([0-9a-f]+)/.exec(block);
    if (head === null) continue;
    const words = (name: string) => new RegExp(`^\\s+(${name} .*)$`, 'm').exec(block)?.[1]?.split(/\s+/);
    const enc = words('enc') ?? words('aead');
    const auth = words('auth-trunc');
    const encr = enc === undefined ? null : encryption(enc);
    if (encr === null || enc === undefined) continue;
    const octets = (hex: string | undefined) => Buffer.from((hex ?? '').replace(/^0x/, ''), 'hex');
    found.push({
      src: head[1] as string,
      dst: head[2] as string,
      spi: Number.parseInt(head[3] as string, 16),
      encr,
      encrKey: octets(enc[2]),
      integ: auth === undefined ? 'none' : integrity(auth),
      integKey: octets(auth?.[2]),
    });
  }
  return found;
}
