/**
 * Multi-layer IPsec (Choi et al., "Mobile multi-layered IPsec", 2007) as a pure codec: ESP whose inner datagram is protected in zones, so
 * that a foreign agent can read the TCP header and nothing else; and ordinary ESP (RFC 4303) as the case of one zone. The layouts are a
 * reconstruction: the paper prints sizes, not octets.
 */
export { type Agreement, NEVER } from './agreement.ts';
export { bestCipher } from './cipher/best.ts';
export { nodeCipher } from './cipher/node.ts';
export type { CipherFactory, SaCipher } from './cipher/types.ts';
export { type Bind, Csa, type CsaOptions, type Role } from './csa.ts';
export { type DynamicOptions, DynamicPolicy } from './dynamic.ts';
export { decapsulateEcn } from './ecn.ts';
export { editHeader, type HeaderEdit } from './edit.ts';
export { type First, openFirst } from './first.ts';
export { type Layout, maxInner } from './geometry.ts';
export type { InnerChecks, Selector } from './inner.ts';
export { END_NODE, IvSpace, MAX_WRITER } from './iv.ts';
export { keyLength, splitKeys, wipeKeys, type ZoneKeys } from './keys.ts';
export { type Opened, type OpenOptions, open } from './open.ts';
export { ipv4Bounds, type OuterHeader, writeOuter } from './outer.ts';
export type { Reason, Refusal } from './refusal.ts';
export { ReplayWindow } from './replay.ts';
export { type Rewritten, rewrite } from './rewrite.ts';
export { ZoneSa, type ZoneSaOptions } from './sa.ts';
export { type Sealed, seal } from './seal.ts';
export { SUITE_NAMES, type Suite, type SuiteName, suiteNamed } from './suites.ts';
export { openTransport, sealTransport, type Transported } from './transport.ts';
export { isPaperProfile, ONE_ZONE, PAPER_ZONES, type Zone, type ZoneMap } from './zones.ts';
