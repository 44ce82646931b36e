/** Flows, as the file writes them. */
import { z } from 'zod';
import { bytes, type IssueParams, perSecond, plainAddress } from './fields.ts';

/** The header every test packet starts with: flow, sequence number, send time. */
export const MIN_PAYLOAD = 32;

/** An address, or the word that leaves it to the kernel. */
const source = z
  .string()
  .superRefine((value, ctx) => {
    if (value === 'route') return;
    for (const issue of plainAddress.safeParse(value).error?.issues ?? []) {
      if (issue.code !== 'custom') continue;
      const { code, hint } = issue.params as IssueParams;
      ctx.addIssue({
        code: 'custom',
        message: issue.message,
        params: { code, hint: `${hint}, or the word "route"` } satisfies IssueParams,
      });
    }
  })
  .meta({ examples: ['route'] });

export const flow = z
  .strictObject({
    kind: z.enum(['udp', 'tcp']).default('udp').describe('udp: numbered packets at a constant rate; tcp: bulk transfer'),
    from: z.string().describe('sending node'),
    to: z.string().describe('receiving node'),
    rate: perSecond('packets per second (udp); its inverse is the resolution of T_STALLED; default 100/s').optional(),
    size: bytes('UDP payload, at least 32B; default 200B', MIN_PAYLOAD).optional(),
    source: source
      .optional()
      .describe('default: the address the IPsec connection protects; route (udp): that of the route each packet takes, or the virtual IP'),
    destination: plainAddress.optional().describe('default: the address the IPsec connection protects'),
    answers: z
      .string()
      .optional()
      .describe('udp: a flow the other way; each packet goes to where that flow’s latest packet came from, none before the first'),
    port: z.int().min(1024).max(65535).optional().describe('default: counted from 5001'),
    protectedBy: z.string().optional().describe('IPsec connection, or "none" for in clear by intent; default: the only one that fits'),
  })
  .describe('test traffic in one direction');
export type FileFlow = z.output<typeof flow>;
