/** Keys of a tunnel between two outer addresses, as a run derives them: for either end, and for an agent. */
import { keyLength, suiteNamed } from '../../../src/mlipsec/index.ts';
import type { TunnelKeys } from '../../../src/types/helper.ts';
import type { CsaKeys } from '../../../src/types/keys.ts';
import { octets } from '../../mlipsec/build/peers.ts';

export interface KeyOptions {
  suite?: string;
  boundaries?: number[];
  layout?: 'P' | 'C';
  bind?: 'none' | 'seq' | 'hdr';
  /** with an ordinary SA beside it */
  ipsec?: boolean;
}

/** One direction. */
export function csaKeys(src: string, dst: string, options: KeyOptions = {}, label = ''): CsaKeys {
  const { suite = 'aes128-gcm16', boundaries = [40], layout = 'P' } = options;
  const size = keyLength(suiteNamed(suite, { fidelity: true }));
  const isBare = suite.endsWith('/none');
  const sas = [0, ...boundaries].map((_, k) => {
    const name = `${label} ${src} ${dst} ${suite} zone ${k}`;
    return { spi: 0x1000_0000 + octets(name, 4).readUInt32BE(0) / 16, suite, material: octets(name, size).toString('hex') };
  });
  for (const sa of sas) sa.spi = Math.floor(sa.spi);
  return { src, dst, layout, bind: options.bind ?? (isBare ? 'none' : 'hdr'), boundaries, sas };
}

export function tunnelKeys(tunnel: string, local: string, remote: string, options: KeyOptions = {}): TunnelKeys {
  const pair = (more: KeyOptions, label: string) => ({
    send: csaKeys(local, remote, more, label),
    receive: csaKeys(remote, local, more, label),
  });
  const ordinary = { ...options, boundaries: [], layout: 'P' as const, bind: 'none' as const };
  return { tunnel, ...pair(options, 'csa'), ipsec: options.ipsec === true ? pair(ordinary, 'ipsec') : null };
}

/** What an agent gets of it: zone 1. */
export const firstZone = (keys: CsaKeys): CsaKeys => ({ ...keys, sas: keys.sas.map((sa, k) => (k === 0 ? sa : null)) });
