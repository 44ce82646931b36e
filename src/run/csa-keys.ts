/** Keys of the tunnels in zones: they follow from the run's seed, as those of WireGuard do. */
import { hkdfSync } from 'node:crypto';
import { keyLength, splitKeys, suiteNamed } from '../mlipsec/index.ts';
import type { MmlTunnel } from '../types/experiment.ts';
import type { TunnelKeys } from '../types/helper.ts';
import type { CsaKeys, Encryption, EspKeys, Integrity } from '../types/keys.ts';

/** Both directions of one tunnel, and of the ordinary SAs that dynamic mode may use instead. */
export interface TunnelSecrets {
  tunnel: MmlTunnel;
  /** initiator to responder, and back */
  forth: CsaKeys;
  back: CsaKeys;
  ipsec: { forth: CsaKeys; back: CsaKeys } | null;
}

/** SPIs below are reserved (RFC 4303 section 2.1). */
const FIRST_SPI = 256;

/** `secret` gives 256 bits, as hex, for each label: equal ones for equal seeds. */
export function tunnelSecrets(tunnels: readonly MmlTunnel[], secret: (label: string) => string): TunnelSecrets[] {
  const spis = new Set<number>();
  const spiFor = (label: string): number => {
    for (let attempt = 0; ; attempt++) {
      const spi = Number.parseInt(secret(`${label} spi ${attempt}`).slice(0, 8), 16);
      if (spi < FIRST_SPI || spis.has(spi)) continue;
      spis.add(spi);
      return spi;
    }
  };
  const zoneKeys = (label: string, suite: string): NonNullable<CsaKeys['sas'][number]> => {
    const octets = keyLength(suiteNamed(suite, { fidelity: true }));
    const key = Buffer.from(secret(label), 'hex');
    const material = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), label, octets)).toString('hex');
    return { spi: spiFor(label), suite, material };
  };
  const csa = (tunnel: MmlTunnel, label: string, ends: Pick<CsaKeys, 'src' | 'dst'>, boundaries: number[]): CsaKeys => {
    const zones = Array.from({ length: boundaries.length + 1 }, (_, k) => zoneKeys(`${label} zone ${k + 1}`, tunnel.suite));
    return { ...ends, layout: tunnel.layout, bind: boundaries.length === 0 ? 'none' : tunnel.bind, boundaries, sas: zones };
  };
  const pair = (tunnel: MmlTunnel, kind: string, boundaries: number[]) => {
    const { name, initiatorAddress, responderAddress } = tunnel;
    return {
      forth: csa(tunnel, `${kind} ${name} forth`, { src: initiatorAddress, dst: responderAddress }, boundaries),
      back: csa(tunnel, `${kind} ${name} back`, { src: responderAddress, dst: initiatorAddress }, boundaries),
    };
  };
  return tunnels.map((tunnel) => ({
    tunnel,
    ...pair(tunnel, 'mml', tunnel.boundaries),
    ipsec: tunnel.dynamic === undefined ? null : pair(tunnel, 'esp', []),
  }));
}

/** What an end is told. */
export function endKeys({ tunnel, forth, back, ipsec }: TunnelSecrets, node: string): TunnelKeys {
  const turned = <T>(both: { forth: T; back: T }) =>
    node === tunnel.initiator ? { send: both.forth, receive: both.back } : { send: both.back, receive: both.forth };
  return { tunnel: tunnel.name, ...turned({ forth, back }), ipsec: ipsec === null ? null : turned(ipsec) };
}

/** What an agent is told: zone 1 of both directions. */
export const agentKeys = ({ forth, back }: TunnelSecrets): CsaKeys[] =>
  [forth, back].map((csa) => ({ ...csa, sas: csa.sas.map((sa, k) => (k === 0 ? sa : null)) }));

/** All composite SAs, for who reads captures later. */
export const allCsas = (secrets: readonly TunnelSecrets[]): CsaKeys[] =>
  secrets.flatMap(({ forth, back, ipsec }) => [forth, back, ...(ipsec === null ? [] : [ipsec.forth, ipsec.back])]);

const MACS: Record<string, Integrity> = { 'sha1-96': 'sha1', 'sha256-128': 'sha256', none: 'none' };

/** Those of one zone are ordinary ESP, which Wireshark decrypts. */
export function ordinaryEsp(csas: readonly CsaKeys[]): EspKeys[] {
  return csas.flatMap(({ src, dst, boundaries, sas: [sa] }) => {
    if (boundaries.length > 0 || sa === undefined || sa === null) return [];
    const { enc, salt, auth } = splitKeys(suiteNamed(sa.suite, { fidelity: true }), Buffer.from(sa.material, 'hex'));
    const [cipher = '', mac = 'none'] = sa.suite.split('/');
    const encr = cipher.replace('-cbc', '').replace('-gcm', 'gcm') as Encryption;
    return [{ src, dst, spi: sa.spi, encr, encrKey: Buffer.concat([enc, salt]), integ: MACS[mac] ?? 'none', integKey: auth }];
  });
}
