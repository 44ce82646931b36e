/** An ESP payload built the straightforward way from the description of the layouts. Shares nothing with the code under test. */
import { createCipheriv, createHmac } from 'node:crypto';

interface Algorithms {
  cipher: string | null;
  key: number;
  salt: number;
  iv: number;
  block: number;
  hash: [string, number, number] | null;
  tag: number;
}
const SHA1: [string, number, number] = ['sha1', 20, 12];
const SHA256: [string, number, number] = ['sha256', 32, 16];
const cbc = (bits: number, hash: Algorithms['hash']): Algorithms => ({
  cipher: `aes-${bits}-cbc`,
  key: bits / 8,
  salt: 0,
  iv: 16,
  block: 16,
  hash,
  tag: 0,
});
const gcm = (bits: number): Algorithms => ({ cipher: `aes-${bits}-gcm`, key: bits / 8, salt: 4, iv: 8, block: 4, hash: null, tag: 16 });
const des = (hash: Algorithms['hash']): Algorithms => ({ cipher: 'des-ede3-cbc', key: 24, salt: 0, iv: 8, block: 8, hash, tag: 0 });
const none = (hash: Algorithms['hash']): Algorithms => ({ cipher: null, key: 0, salt: 0, iv: 0, block: 4, hash, tag: 0 });
export const ALGORITHMS: Record<string, Algorithms> = {
  'aes128-gcm16': gcm(128),
  'aes256-gcm16': gcm(256),
  'aes128-cbc/sha1-96': cbc(128, SHA1),
  'aes128-cbc/sha256-128': cbc(128, SHA256),
  'aes256-cbc/sha1-96': cbc(256, SHA1),
  'aes256-cbc/sha256-128': cbc(256, SHA256),
  'null/sha1-96': none(SHA1),
  'null/sha256-128': none(SHA256),
  '3des-cbc/none': des(null),
  '3des-cbc/sha1-96': des(SHA1),
};

const u32 = (value: number) => {
  const b = Buffer.alloc(4);
  b.writeUInt32BE(value);
  return b;
};

/** IV, ciphertext, ICV. `material` is cipher key, salt, HMAC key; `counter` that of writer 0, epoch 0. */
function protect(a: Algorithms, material: Buffer, counter: number, aad: Buffer, plain: Buffer): Buffer {
  const key = material.subarray(0, a.key);
  const nonce = Buffer.concat([Buffer.alloc(4), u32(counter)]);
  if (a.tag > 0) {
    const salted = Buffer.concat([material.subarray(a.key, a.key + 4), nonce]);
    const cipher = createCipheriv(a.cipher as 'aes-128-gcm', key, salted, { authTagLength: 16 });
    cipher.setAAD(aad);
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
  let body = plain;
  if (a.cipher !== null) {
    const block = Buffer.concat([nonce, Buffer.alloc(a.iv - 8)]);
    // one block of CBC with IV 0 is the block cipher itself
    const iv = createCipheriv(a.cipher, key, Buffer.alloc(a.iv)).setAutoPadding(false).update(block);
    body = Buffer.concat([iv, createCipheriv(a.cipher, key, iv).setAutoPadding(false).update(plain)]);
  }
  if (a.hash === null) return body;
  const [name, size, icv] = a.hash;
  const mac = createHmac(name, material.subarray(a.key, a.key + size))
    .update(aad)
    .update(body)
    .digest();
  return Buffer.concat([body, mac.subarray(0, icv)]);
}

function trailed(content: Buffer, block: number, next: number): Buffer {
  const padding: number[] = [];
  while ((content.length + padding.length + 2) % block !== 0) padding.push(padding.length + 1);
  return Buffer.concat([content, Buffer.from(padding), Buffer.of(padding.length, next)]);
}

/** zone-1 octets without those a foreign agent may edit in a TCP datagram without options */
function bound(inner: Buffer): Buffer {
  const h = Buffer.concat([inner, Buffer.alloc(40)]).subarray(0, 40);
  const copy = Buffer.from(h);
  const tcp = h[0] === 0x45 && h[9] === 6 && (h.readUInt16BE(6) & 0x3fff) === 0;
  for (const i of tcp ? [1, 8, 10, 11, 28, 29, 30, 31, 34, 35, 36, 37, 38, 39] : [1, 8, 10, 11]) copy[i] = 0;
  if (tcp) copy[33] = copy[33]! & 0x3f;
  return copy;
}

export interface Parts {
  suite: string;
  layout: 'P' | 'C';
  bind: 'none' | 'seq' | 'hdr';
  spis: [number, number];
  materials: [Buffer, Buffer];
  seq: number;
  counters: [number, number];
}

/** Two zones, [0,40) and [40,end). */
export function independent(parts: Parts, inner: Buffer): Buffer {
  const { suite, layout, bind, spis, materials, seq, counters } = parts;
  const a = ALGORITHMS[suite]!;
  const header1 = Buffer.concat([u32(spis[0]), u32(seq)]);
  const p = layout === 'P';
  const one = inner.subarray(0, 40);
  const filled = Buffer.concat([one, Buffer.alloc(64)]).subarray(0, Math.ceil(40 / a.block) * a.block);
  const unit1 = Buffer.concat([header1, protect(a, materials[0], counters[0], header1, p ? trailed(one, a.block, 4) : filled)]);
  if (p && inner.length <= 40) return unit1;
  const header2 = Buffer.concat([u32(spis[1]), u32(!p && bind === 'none' ? 0 : seq)]);
  const aad = { none: [header2], seq: [header1, header2], hdr: [header1, header2, bound(inner)] }[bind];
  const unit2 = protect(a, materials[1], counters[1], Buffer.concat(aad), trailed(inner.subarray(40), a.block, 4));
  return Buffer.concat([unit1, p ? header2 : Buffer.alloc(0), unit2]);
}

/** One zone (RFC 4303): any next header. */
export function ordinary(
  suite: string,
  spi: number,
  seq: number,
  counter: number,
  material: Buffer,
  payload: Buffer,
  next: number,
): Buffer {
  const a = ALGORITHMS[suite]!;
  const header = Buffer.concat([u32(spi), u32(seq)]);
  return Buffer.concat([header, protect(a, material, counter, header, trailed(payload, a.block, next))]);
}
