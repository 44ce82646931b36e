/** IPsec connections, as the file writes them. */
import { z } from 'zod';
import { proposalProblem } from '../proposals.ts';
import { network, plainAddress } from './fields.ts';

const proposal = (protocol: 'ike' | 'esp') =>
  z.string().superRefine((value, ctx) => {
    const problem = proposalProblem(protocol, value);
    if (problem === null) return;
    ctx.addIssue({ code: 'custom', message: problem.message, params: { code: 'E_SPEC_PROPOSAL', hint: problem.hint } });
  });

export const connection = z
  .strictObject({
    initiator: z.string().describe('node that starts the IKE_SA: the mobile one'),
    responder: z.string().describe('node that answers'),
    initiatorAddress: plainAddress.optional().describe('outer address at start; default: where the best route to the responder leaves'),
    responderAddress: plainAddress.optional().describe("default: the responder's first link address"),
    mode: z.enum(['tunnel', 'transport']).default('tunnel'),
    ike: proposal('ike').default('aes128-sha256-modp2048').describe('IKE proposals in strongSwan notation'),
    esp: proposal('esp').default('aes128-sha256').describe('ESP proposals in strongSwan notation'),
    virtualIp: plainAddress
      .optional()
      .describe('inner address the responder assigns (tunnel mode; no matter in the transport cells of a matrix over modes)'),
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
      .describe('mobike: RFC 4555; mobikex: its extension for several paths and transport mode (docs/mobike-x.md)'),
  })
  .describe('one IKE_SA with one CHILD_SA');
export type FileConnection = z.output<typeof connection>;
