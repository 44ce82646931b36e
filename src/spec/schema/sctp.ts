/** SCTP's protocol parameters, as the file writes them. */
import { z } from 'zod';
import { SCTP_PROFILE_NAMES } from '../sctp-profiles.ts';
import { duration } from './fields.ts';

/** Linux takes more, but no experiment waits for them. */
const errors = (description: string) => z.int().min(1).max(255).optional().describe(description);
const time = (description: string) => duration(`${description}; whole milliseconds`, 0.001).optional();

export const sctp = z
  .strictObject({
    profile: z
      .enum(SCTP_PROFILE_NAMES)
      .default('modern')
      .describe('paper2012: Linux 2.6.38 (RTO.Initial 3s, no potentially failed state); modern: RFC 9260 and RFC 7829'),
    rtoInitial: time('RTO.Initial'),
    rtoMin: time('RTO.Min: no T3-rtx timer is shorter'),
    rtoMax: time('RTO.Max'),
    pathMaxRetrans: errors('Path.Max.Retrans: a path with more errors in a row is inactive'),
    associationMaxRetrans: errors('Association.Max.Retrans: with more errors in a row the association is given up'),
    heartbeat: time('HB.interval: between HEARTBEATs of an idle path; the kernel adds the RTO'),
    pfRetrans: z
      .union([z.int().min(0).max(255), z.literal('off')])
      .optional()
      .describe('errors after which a path is potentially failed and another one is used (RFC 7829); off: never'),
    sackDelay: time('how long a SACK may be held back, at most 500ms'),
    asconf: z.boolean().optional().describe('dynamic addresses (RFC 5061, authenticated); default: whether an asconf event names the flow'),
    autoAsconf: z.boolean().optional().describe('the kernel announces addresses that come and go by itself; default: false'),
  })
  .describe("SCTP's protocol parameters, of both ends");
export type FileSctp = z.output<typeof sctp>;
