/** Named sets of SCTP's protocol parameters. Times in seconds. */
import type { SctpSettings } from '../types/experiment.ts';

export interface SctpProfile {
  settings: Omit<SctpSettings, 'asconf' | 'autoAsconf'>;
  source: string;
}

export const SCTP_PROFILES = {
  paper2012: {
    settings: {
      ...{ rtoInitial: 3, rtoMin: 1, rtoMax: 60, pathMaxRetrans: 5, associationMaxRetrans: 10, heartbeat: 30 },
      ...{ pfRetrans: null, sackDelay: 0.2 },
    },
    source: "Linux 2.6.38's lksctp: the values of RFC 4960, section 15; it had no potentially failed state, which came with Linux 3.6",
  },
  modern: {
    settings: {
      ...{ rtoInitial: 1, rtoMin: 1, rtoMax: 60, pathMaxRetrans: 5, associationMaxRetrans: 10, heartbeat: 30 },
      ...{ pfRetrans: 0, sackDelay: 0.2 },
    },
    source: 'RFC 9260, section 16; potentially failed after the first error: RFC 7829, section 5 (PFMR 0)',
  },
} satisfies Record<string, SctpProfile>;

export type SctpProfileName = keyof typeof SCTP_PROFILES;
export const SCTP_PROFILE_NAMES = Object.keys(SCTP_PROFILES) as SctpProfileName[];
