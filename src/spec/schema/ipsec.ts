/** IPsec connections and tunnels, as the file writes them. */
import { z } from 'zod';
import { proposalProblem } from '../proposals.ts';
import { DEFAULT_ESP, DEFAULT_MODE, SECURITY_NAMES, type SecurityName } from '../security.ts';
import { network, only, plainAddress } from './fields.ts';
import { mml } from './mml.ts';

const proposal = (protocol: 'ike' | 'esp') =>
  z.string().superRefine((value, ctx) => {
    const problem = proposalProblem(protocol, value);
    if (problem === null) return;
    ctx.addIssue({ code: 'custom', message: problem.message, params: { code: 'E_SPEC_PROPOSAL', hint: problem.hint } });
  });

const ike = z
  .strictObject({
    // optional, not a default: the kinds are told apart by it
    kind: z.literal('ike').optional().describe('ike: strongSwan negotiates it (the default)'),
    initiator: z.string().describe('node that starts the IKE_SA: the mobile one'),
    responder: z.string().describe('node that answers'),
    initiatorAddress: plainAddress.optional().describe('outer address at start; default: where the best route to the responder leaves'),
    responderAddress: plainAddress.optional().describe("default: the responder's first link address"),
    security: z
      .enum(SECURITY_NAMES)
      .optional()
      .describe(
        'a named protection instead of mode and esp; none: no such connection, flows are in clear; esp-...: aes128-sha1; null-...: null-sha1 ' +
          '(integrity only); wireguard: a WireGuard tunnel instead of IPsec (needs virtualIp)',
      ),
    // no default of zod's: given beside "security" they contradict it
    mode: z.enum(['tunnel', 'transport']).optional().describe('of the CHILD_SA').meta({ default: DEFAULT_MODE }),
    ike: proposal('ike').default('aes128-sha256-modp2048').describe('IKE proposals in strongSwan notation'),
    esp: proposal('esp').optional().describe('ESP proposals in strongSwan notation').meta({ default: DEFAULT_ESP }),
    virtualIp: plainAddress
      .optional()
      .describe(
        'inner address the responder assigns (tunnel mode, WireGuard; no matter in the other cells of a matrix over modes or security)',
      ),
    responderNets: z
      .array(network)
      .min(1)
      .max(16)
      .optional()
      .describe("networks behind the responder; default: its dummy interfaces', or its address"),
    initiatorNets: z.array(network).min(1).max(16).optional().describe('networks behind the initiator; default: virtualIp, or its address'),
    mobility: z
      .enum(['mobike', 'mobikex', 'none'])
      .default('mobike')
      .describe(
        'mobike: RFC 4555; mobikex: its extension for several paths and transport mode (docs/mobike-x.md); none, with an ' +
          'initiatorAddress: stays on its two addresses, and several may stand side by side between the same nodes',
      ),
    only,
  })
  .describe('one IKE_SA with one CHILD_SA, or one WireGuard tunnel');
export type FileIke = z.output<typeof ike>;

export const connection = z
  .discriminatedUnion('kind', [ike, mml])
  .describe('what protects packets between two nodes: IPsec by IKE, a WireGuard tunnel (security: wireguard), or ESP in zones (kind: mml)');
export type FileConnection = z.output<typeof connection>;

/** The named protection of a connection that has one; undefined: none is named. */
export const securityIn = (file: FileConnection): SecurityName | undefined => (file.kind === 'mml' ? undefined : file.security);
