/** Named sets of TCP settings. */
import type { TcpSettings } from '../types/experiment.ts';

export interface TcpProfile {
  settings: TcpSettings;
  source: string;
}

/** Others are modules, which a kernel may lack. */
export const TCP_CONGESTIONS = ['reno', 'cubic'] as const;

const off = { sack: false, timestamps: false, windowScaling: false, modernRecovery: false, ecn: false };
const on = { sack: true, timestamps: true, windowScaling: true, modernRecovery: true, ecn: false };

export const TCP_PROFILES = {
  reno2007: {
    settings: { congestion: 'reno', ...off, buffer: 65_535, initialWindow: 2 },
    source:
      'MML-IPsec paper, Table 4: no SACK, a sender buffer of 65535 octets, an MSS of 1460 (so no timestamps); RFC 2581: 2 segments at first',
  },
  modern: {
    settings: { congestion: 'cubic', ...on, buffer: null, initialWindow: null },
    source: "Linux's defaults (Documentation/networking/ip-sysctl.rst); ECN is not asked for",
  },
} satisfies Record<string, TcpProfile>;

export type TcpProfileName = keyof typeof TCP_PROFILES;
export const TCP_PROFILE_NAMES = Object.keys(TCP_PROFILES) as TcpProfileName[];
