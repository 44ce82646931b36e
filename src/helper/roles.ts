/** How many threads serve an end. */
import { availableParallelism } from 'node:os';
import type { HelperTunnel } from '../types/helper.ts';
import type { EndRole } from './protocol.ts';

/**
 * Two, which seal and open at once; one where there is one processor only, or where what arrives has a say in how is sent (dynamic mode).
 */
export const rolesOf = ({ dynamic }: HelperTunnel, processors = availableParallelism()): EndRole[] =>
  dynamic !== null || processors === 1 ? ['both'] : ['out', 'in'];
