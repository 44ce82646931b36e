/** What both ends' kernels are told about TCP, as the file writes it. */
import { z } from 'zod';
import { TCP_CONGESTIONS, TCP_PROFILE_NAMES } from '../tcp-profiles.ts';
import { bufferSize } from './fields.ts';

const flag = (description: string) => z.boolean().optional().describe(description);
/** The kernel doubles what is asked for and refuses less than some 2 KiB (SOCK_MIN_RCVBUF). */
const MIN_BUFFER = 4096;

export const tcp = z
  .strictObject({
    profile: z
      .enum(TCP_PROFILE_NAMES)
      .default('modern')
      .describe('reno2007: Reno with NewReno recovery, 64 KiB windows and none of what came later; modern: Linux as it is'),
    congestion: z.enum(TCP_CONGESTIONS).optional().describe('congestion control'),
    sack: flag('selective acknowledgements (RFC 2018)'),
    timestamps: flag('RFC 7323, section 3'),
    windowScaling: flag('RFC 7323, section 2; without it no window exceeds 65535 octets'),
    modernRecovery: flag('RACK and tail loss probes (RFC 8985), F-RTO (RFC 5682)'),
    ecn: flag('explicit congestion notification (RFC 3168)'),
    buffer: z
      .union([z.literal('auto'), bufferSize('octets of each', MIN_BUFFER)])
      .optional()
      .describe("octets of user data that the sockets of both ends have room for, such as 65535B; auto: the kernel's tuning"),
    initialWindow: z
      .union([z.int().min(1).max(1000), z.literal('auto')])
      .optional()
      .describe("segments sent before the first ACK; auto: the kernel's"),
  })
  .describe("TCP's settings, of both ends; without them the kernel's own");
export type FileTcp = z.output<typeof tcp>;
