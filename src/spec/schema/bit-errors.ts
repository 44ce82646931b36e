/** Bit errors of a link, as the file writes them. */
import { z } from 'zod';
import { bitErrorRate } from './fields.ts';

export const bitErrors = z
  .strictObject({
    ber: bitErrorRate('errors per bit: 1/512K (one in 512 x 1024), 1/8M, 1.9e-6, or 0'),
    seed: z.int().min(0).max(4294967295).optional().describe("default: follows from the run's seed"),
  })
  .describe(
    'independent bit errors of a radio, both directions: an IP packet of n octets arrives with probability (1-ber)^(8n); a broken one ' +
      'is dropped before the host sees it, as by a frame check',
  );
