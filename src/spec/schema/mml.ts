/** Tunnels of the ESP helper (docs/mml-ipsec.md), as the file writes them. */
import { z } from 'zod';
import { SUITE_NAMES } from '../../mlipsec/index.ts';
import { network, only, plainAddress } from './fields.ts';

export const DEFAULT_SUITE = 'aes128-gcm16';
/** The paper's: the IPv4 and the TCP header without options are zone 1. */
export const DEFAULT_ZONES: readonly number[] = [40];

/** Each is looked for in every packet. */
const MAX_PER_FLOW = 64;
const MODES = ['plain', 'ipsec', 'mml'] as const;

const dynamic = z
  .strictObject({
    everyNth: z
      .union([z.int().min(1).max(1_000_000), z.literal('never')])
      .default(1)
      .describe('every n-th packet of a flow is sent in zones, the others as "otherwise" says; never: all of them'),
    otherwise: z
      .enum(MODES)
      .default('plain')
      .describe('plain: in clear, IP in IP; ipsec: in one zone, which agents cannot read; mml: in zones'),
    perFlow: z
      .record(z.string(), z.enum(MODES))
      .superRefine((flows, ctx) => {
        if (Object.keys(flows).length <= MAX_PER_FLOW) return;
        const hint = 'give the others one mode with "everyNth" and "otherwise"';
        ctx.addIssue({ code: 'custom', message: `more than ${MAX_PER_FLOW} entries`, params: { code: 'E_SPEC_TOO_BIG', hint } });
      })
      .meta({ maxProperties: MAX_PER_FLOW })
      .optional()
      .describe('flows that have one mode for all of their packets, by name or port: { bulk: plain, 5001: mml }'),
  })
  .describe('which packets get which protection (the MML-IPsec paper, sections 5.2 and 5.5); both ends agree on it beforehand');

export const mml = z
  .strictObject({
    kind: z.literal('mml').describe('mml: a tunnel of ESP in zones with static keys, made by a helper process at both ends'),
    initiator: z.string().describe('node that gets virtualIp: the mobile one'),
    responder: z.string().describe('node the tunnel leads to'),
    initiatorAddress: plainAddress.optional().describe('outer address; default: where the best route to the responder leaves'),
    responderAddress: plainAddress.optional().describe("outer address; default: the responder's first IPv4 link address"),
    virtualIp: plainAddress.describe('inner address of the initiator, outside every subnet: such as 10.10.0.2'),
    responderNets: z
      .array(network)
      .min(1)
      .max(16)
      .optional()
      .describe("the responder's inner address is its first in these networks; default: those of its dummy interfaces"),
    zones: z
      .array(z.int().min(0).max(65535))
      .max(16)
      .default([...DEFAULT_ZONES])
      .describe('octets of the inner packet at which further zones begin; [40]: IPv4 and TCP header, and the rest; []: ordinary ESP'),
    agents: z
      .array(z.string())
      .max(8)
      .default([])
      .describe('nodes on the way that have the keys of zone 1: they can read headers, and SNOOP there sees TCP'),
    suite: z.enum(SUITE_NAMES).default(DEFAULT_SUITE).describe('algorithms of every zone; 3des-...: only with "fidelity: true"'),
    fidelity: z
      .boolean()
      .default(false)
      .describe('allows the suites of the paper, which protect little: 64-bit blocks, and nothing authenticated with 3des-cbc/none'),
    layout: z
      .enum(['P', 'C'])
      .default('P')
      .describe('P: each zone is a whole ESP unit, as in the paper; C: one ESP header and one trailer for all zones'),
    bind: z
      .enum(['none', 'seq', 'hdr'])
      .optional()
      .describe(
        'what the ICV of later zones covers of the first: seq: SPI and sequence number; hdr: these and the header fields an agent may not ' +
          'change; default: hdr, or none when the suite has no ICV',
      ),
    mtu: z
      .int()
      .min(576)
      .max(9000)
      .optional()
      .describe('of the tunnel interface; default: what fits the smallest MTU on the way once sealed'),
    encapsulation: z.enum(['esp', 'udp']).default('esp').describe('esp: IP protocol 50; udp: UDP port 4500 (RFC 3948), 8 octets more'),
    speed: z
      .enum(['faithful', 'fast'])
      .default('faithful')
      .describe('faithful: packet by packet; fast: up to 64 KiB at once between kernel and helper (needs encapsulation udp)'),
    dynamic: dynamic.optional(),
    only,
  })
  .describe('ESP in zones (multi-layer IPsec) in tunnel mode over IPv4: agents on the way read the first zone and nothing else');
export type FileMml = z.output<typeof mml>;
