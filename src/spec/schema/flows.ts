/** Flows, as the file writes them. */
import { z } from 'zod';
import { bytes, type IssueParams, only, perSecond, plainAddress } from './fields.ts';
import { sctp } from './sctp.ts';
import { tcp } from './tcp.ts';

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

/** The kernel takes more; each pair of addresses is a path that is looked at. */
export const MAX_FLOW_ADDRESSES = 8;
const addresses = z.array(plainAddress).min(1).max(MAX_FLOW_ADDRESSES);

export const flow = z
  .strictObject({
    kind: z
      .enum(['udp', 'tcp', 'sctp', 'mptcp'])
      .default('udp')
      .describe(
        'udp: numbered packets at a constant rate; tcp: bulk transfer; sctp, mptcp: numbered messages over one multihomed association ' +
          'or connection, at a constant rate or in bulk',
      ),
    from: z.string().describe('sending node'),
    to: z.string().describe('receiving node'),
    rate: perSecond(
      'packets per second (udp), its inverse is the resolution of T_STALLED, default 100/s; messages per second (sctp, mptcp), default: as ' +
        'fast as the transport takes them',
    ).optional(),
    size: bytes(
      'payload of a packet or message, at least 32B; default: udp 200B; sctp, mptcp 1000B, or 1200B without a rate',
      MIN_PAYLOAD,
    ).optional(),
    source: z
      .union([source, addresses])
      .optional()
      .describe(
        'default: the address the IPsec connection protects; route (udp): that of the route each packet takes, or the virtual IP; sctp, ' +
          'mptcp: an address or a list, the primary one first; default: the inner addresses of all tunnels between the nodes, else all ' +
          'link addresses of the node',
      ),
    destination: z
      .union([plainAddress, addresses])
      .optional()
      .describe('default: the address the IPsec connection protects; sctp, mptcp: like source'),
    client: z
      .string()
      .optional()
      .describe('sctp, mptcp: the end that opens the association or connection; default: the one with role MN, else "from"'),
    sctp: sctp.optional(),
    tcp: tcp.optional(),
    answers: z
      .string()
      .optional()
      .describe('udp: a flow the other way; each packet goes to where that flow’s latest packet came from, none before the first'),
    port: z.int().min(1024).max(65535).optional().describe('default: counted from 5001'),
    protectedBy: z
      .string()
      .optional()
      .describe('entry of "ipsec", or "none" for in clear by intent; default: the only one that fits; sctp, mptcp: all that fit'),
    only,
  })
  .describe('test traffic in one direction');
export type FileFlow = z.output<typeof flow>;
