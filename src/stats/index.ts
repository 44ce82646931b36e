/** stats: from the facts of many runs to quartiles, intervals and floors. Pure. */

export { baseOf, hasFloor, unitOf } from './metrics.ts';
export { fiveNumbers, quartiles, SMALLEST_N_FOR_INTERVAL } from './quartiles.ts';
export { type CellGroup, groupsOf, securityOf } from './security.ts';
export { summarise } from './summarise.ts';
