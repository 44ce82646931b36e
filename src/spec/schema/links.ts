/** Links and their shapes, as the file writes them. */
import { z } from 'zod';
import { PROFILE_NAMES } from '../profiles.ts';
import { bitErrors } from './bit-errors.ts';
import { bitRate, duration, interfaceRef, probability } from './fields.ts';

const shapeKeys = {
  delay: duration('one way').optional(),
  jitter: duration('variation of the delay, one way; must not exceed it').optional(),
  rate: bitRate('bit rate; 0 = unlimited').optional(),
  loss: probability('loss probability per packet').optional(),
  limit: z.int().min(1).max(1_000_000).optional().describe('queue length in packets; computed from rate and delay when left out'),
};

const direction = z.strictObject(shapeKeys);
export type FileShape = z.output<typeof direction>;

export const link = z
  .strictObject({
    name: z.string().optional().describe('for reports; made from the ends when left out'),
    ends: z.array(interfaceRef).length(2).describe('two of node:interface'),
    profile: z.enum(PROFILE_NAMES).optional().describe('a named shape, both directions'),
    ...shapeKeys,
    priority: z
      .boolean()
      .optional()
      .describe('packets with the TOS of minimum delay (0x10) overtake the others where the rate makes them wait; both directions'),
    bitErrors: bitErrors.optional(),
    forward: direction.optional().describe('shape of what the first end sends, over profile and common values'),
    backward: direction.optional().describe('shape of what the second end sends'),
  })
  .describe('a cable between two interfaces');
export type FileLink = z.output<typeof link>;
