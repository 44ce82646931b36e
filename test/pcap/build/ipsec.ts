/** ESP packets and IKEv2 messages, sealed. */
import { createHash } from 'node:crypto';
import type { Encryption, EspKeys, IkeKeys, Integrity } from '../../../src/types/keys.ts';
import { blockSize, icvSize, ivSize, keySizes, seal } from './seal.ts';

/** `size` octets that depend on `label` only. */
export function octets(label: string, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i * 32 < size; i++) parts.push(createHash('sha256').update(`${label} ${i}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

export function espKeys(encr: Encryption, integ: Integrity, spi: number, src = '10.0.1.1', dst = '10.0.2.1'): EspKeys {
  const sizes = keySizes(encr, integ);
  return { src, dst, spi, encr, encrKey: octets(`e${spi}`, sizes.encr), integ, integKey: octets(`i${spi}`, sizes.integ) };
}

export function ikeKeys(encr: Encryption, integ: Integrity, name = 'a'): IkeKeys {
  const sizes = keySizes(encr, integ);
  return {
    initiatorSpi: octets(`${name} spi i`, 8).toString('hex'),
    responderSpi: octets(`${name} spi r`, 8).toString('hex'),
    skEi: octets(`${name} ei`, sizes.encr),
    skEr: octets(`${name} er`, sizes.encr),
    encr,
    skAi: octets(`${name} ai`, sizes.integ),
    skAr: octets(`${name} ar`, sizes.integ),
    integ,
  };
}

/** ESP header to ICV around `payload` of protocol `next` (RFC 4303 section 2). */
export function esp(keys: EspKeys, seq: number, next: number, payload: Uint8Array, more: { esnHigh?: number; tfc?: number } = {}): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(keys.spi, 0);
  head.writeUInt32BE(seq, 4);
  const align = Math.max(4, blockSize(keys.encr));
  const data = Buffer.concat([payload, Buffer.alloc(more.tfc ?? 0)]);
  const pad = -(data.length + 2) & (align - 1);
  const trailer = Buffer.of(...Array.from({ length: pad }, (_, i) => i + 1), pad, next);
  const iv = octets(`iv ${keys.spi} ${seq}`, ivSize(keys.encr));
  return seal(keys, head, Buffer.concat([data, trailer]), more.esnHigh, iv);
}

export interface Payload {
  type: number;
  body: Uint8Array;
}

export const notify = (type: number, data: Uint8Array = new Uint8Array(0), protocol = 0, spi: Uint8Array = new Uint8Array(0)): Payload => ({
  type: 41,
  body: Buffer.concat([Buffer.of(protocol, spi.length, type >> 8, type & 255), spi, data]),
});

const generic = (next: number, length: number) => Buffer.of(next, 0, length >> 8, length & 255);
const chain = (payloads: Payload[]) =>
  Buffer.concat(payloads.map(({ body }, i) => Buffer.concat([generic(payloads[i + 1]?.type ?? 0, body.length + 4), body])));

export interface IkeOptions {
  exchange: number;
  messageId: number;
  fromInitiator: boolean;
  response: boolean;
}

function header(keys: IkeKeys, first: number, options: IkeOptions, length: number): Buffer {
  const b = Buffer.alloc(28);
  b.write(keys.initiatorSpi + keys.responderSpi, 'hex');
  b[16] = first;
  b[17] = 0x20;
  b[18] = options.exchange;
  b[19] = (options.fromInitiator ? 0x08 : 0) | (options.response ? 0x20 : 0);
  b.writeUInt32BE(options.messageId, 20);
  b.writeUInt32BE(length, 24);
  return b;
}

export function clearIke(keys: IkeKeys, options: IkeOptions, payloads: Payload[]): Buffer {
  const body = chain(payloads);
  return Buffer.concat([header(keys, payloads[0]?.type ?? 0, options, 28 + body.length), body]);
}

function encrypted(keys: IkeKeys, options: IkeOptions, type: number, first: number, prefix: Buffer, plain: Buffer): Buffer {
  const { encr, integ } = keys;
  const pad = -(plain.length + 1) & (blockSize(encr) - 1);
  const padded = Buffer.concat([plain, Buffer.alloc(pad), Buffer.of(pad)]);
  const length = 4 + prefix.length + ivSize(encr) + padded.length + icvSize(encr, integ);
  const head = Buffer.concat([header(keys, type, options, 28 + length), generic(first, length), prefix]);
  const [encrKey, integKey] = options.fromInitiator ? [keys.skEi, keys.skAi] : [keys.skEr, keys.skAr];
  const iv = octets(`iv ${options.messageId} ${options.response} ${prefix.toString('hex')}`, ivSize(encr));
  return seal({ encr, encrKey, integ, integKey }, head, padded, undefined, iv);
}

/** One message with everything in SK (RFC 7296 section 3.14). */
export const ike = (keys: IkeKeys, options: IkeOptions, payloads: Payload[]): Buffer =>
  encrypted(keys, options, 46, payloads[0]?.type ?? 0, Buffer.alloc(0), chain(payloads));

/** The same message as SKF fragments of `size` octets of payloads (RFC 7383). */
export function ikeFragments(keys: IkeKeys, options: IkeOptions, payloads: Payload[], size: number): Buffer[] {
  const plain = chain(payloads);
  const total = Math.ceil(plain.length / size);
  return Array.from({ length: total }, (_, i) =>
    encrypted(keys, options, 53, i === 0 ? payloads[0]!.type : 0, Buffer.of(0, i + 1, 0, total), plain.subarray(i * size, (i + 1) * size)),
  );
}
