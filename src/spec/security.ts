/**
 * Named protections of a connection, so that a matrix can choose among them: the five of the E2E paper (nothing, and ESP in two modes
 * with and without encryption, RFC 4303 and RFC 2410), and WireGuard beyond it.
 */

export type Security = { kind: 'none' } | { kind: 'wireguard' } | { kind: 'ipsec'; mode: 'tunnel' | 'transport'; esp: string };

export const SECURITIES = {
  none: { kind: 'none' },
  'esp-transport': { kind: 'ipsec', mode: 'transport', esp: 'aes128-sha1' },
  'esp-tunnel': { kind: 'ipsec', mode: 'tunnel', esp: 'aes128-sha1' },
  'null-transport': { kind: 'ipsec', mode: 'transport', esp: 'null-sha1' },
  'null-tunnel': { kind: 'ipsec', mode: 'tunnel', esp: 'null-sha1' },
  wireguard: { kind: 'wireguard' },
} as const satisfies Record<string, Security>;

export type SecurityName = keyof typeof SECURITIES;
export const SECURITY_NAMES = Object.keys(SECURITIES) as SecurityName[];

/** What the file need not say. */
export const DEFAULT_MODE = 'tunnel';
export const DEFAULT_ESP = 'aes128-sha256';
