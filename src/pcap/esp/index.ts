/**
 * ESP (RFC 4303), raw or in UDP (RFC 3948): header always, inner packet when a key fits. SAs are found by SPI; MOBIKE
 * moves an SA to other addresses without a new line in the key table, so addresses only order the candidates.
 */
import type { EspInfo, Packet } from '../../types/packet.ts';
import { innerIpv4 } from '../ip/ipip.ts';
import type { KeyRing } from '../keys/ring.ts';
import { MAX_DEPTH, type Secured } from '../packet.ts';
import { Batch } from './batch.ts';
import { innerPacket } from './inner.ts';
import type { EspSa } from './sa.ts';

const HEADER = 8;

export class EspDecoder {
  readonly #keys: KeyRing | null;
  readonly #secured: Secured;
  readonly #batches: Map<EspSa, Batch> | null;

  /** `batched`: CBC packets get their inner packet only when `flush` is called. */
  constructor(keys: KeyRing | null, secured: Secured, batched: boolean) {
    this.#keys = keys;
    this.#secured = secured;
    this.#batches = batched ? new Map() : null;
  }

  decode(packet: Packet, b: Buffer, start: number, end: number, udpEncap: boolean, depth: number): void {
    if (end - start < HEADER) return;
    const spi = b.readUInt32BE(start);
    const esp: EspInfo = { spi, seq: b.readUInt32BE(start + 4), udpEncap, inner: null, authenticated: false };
    packet.esp = esp;
    if (this.#keys === null || packet.fragment || depth >= MAX_DEPTH) return;
    for (const sa of ordered(this.#keys.zoned(spi) ?? [], packet)) {
      const opened = sa.open(b, start, end);
      if (opened === null) continue;
      esp.authenticated = opened.authenticated;
      esp.inner = innerIpv4(packet, opened.plain, 0, opened.plain.length, this.#secured, depth);
      return;
    }
    const candidates = this.#keys.esp(spi);
    if (candidates === undefined) return;
    if (candidates.length === 1) {
      this.#tryOpen(candidates[0]!, packet, esp, b, start, end, depth);
      return;
    }
    for (const sa of ordered(candidates, packet)) {
      if (this.#tryOpen(sa, packet, esp, b, start, end, depth)) return;
    }
  }

  flush(): void {
    if (this.#batches !== null) for (const batch of this.#batches.values()) batch.flush();
  }

  /** True when the packet belongs to this SA. */
  #tryOpen(sa: EspSa, packet: Packet, esp: EspInfo, b: Buffer, start: number, end: number, depth: number): boolean {
    const { suite } = sa;
    const ivAt = start + HEADER;
    if (suite.chained && this.#batches !== null && depth === 0) {
      const icvAt = end - suite.icv;
      if (!suite.fits(icvAt - ivAt - suite.cipher.iv) || !this.#verify(sa, b, start, icvAt)) return false;
      esp.authenticated = true;
      this.#batch(sa, this.#batches).add(packet, b, ivAt, icvAt);
      return true;
    }
    let opened = suite.open(b, start, ivAt, end, sa.esn);
    if (opened === null) {
      opened = suite.open(b, start, ivAt, end, !sa.esn);
      if (opened === null) return false;
      sa.esn = !sa.esn;
    }
    esp.authenticated = opened.authenticated;
    esp.inner = innerPacket(packet, opened.plain, 0, opened.plain.length, this.#secured, depth + 1, !opened.authenticated);
    return opened.authenticated || esp.inner !== null;
  }

  #verify(sa: EspSa, b: Buffer, start: number, icvAt: number): boolean {
    if (sa.suite.verify(b, start, icvAt, sa.esn ? 4 : 0) === true) return true;
    if (sa.suite.verify(b, start, icvAt, sa.esn ? 0 : 4) !== true) return false;
    sa.esn = !sa.esn;
    return true;
  }

  #batch(sa: EspSa, batches: Map<EspSa, Batch>): Batch {
    let batch = batches.get(sa);
    if (batch === undefined) {
      batch = new Batch(sa.suite, (packet, plain, start, end) => {
        packet.esp!.inner = innerPacket(packet, plain, start, end, this.#secured, 1, false);
      });
      batches.set(sa, batch);
    }
    return batch;
  }
}

/** Those whose addresses are the packet's first. */
function ordered<T extends { keys: { src: string; dst: string } }>(candidates: readonly T[], packet: Packet): readonly T[] {
  if (candidates.length < 2) return candidates;
  const fits = ({ keys }: T) => Number(keys.dst === packet.dst) * 2 + Number(keys.src === packet.src);
  return candidates.toSorted((x, y) => fits(y) - fits(x));
}
