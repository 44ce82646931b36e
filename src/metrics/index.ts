/** metrics: packets, events and logs of one run in, seconds and facts out. Pure; nothing here reads a file. */
export { AddressSet } from './address.ts';
export { analyseRun } from './analyse.ts';
export { exchangesFrom, roundTrip } from './exchange.ts';
export type { BulkReport, CaptureInput, LogLine, MetricInput } from './input.ts';
export { mobileNode } from './input.ts';
export { QUIET_INTERVALS } from './outage.ts';
export { countSequence } from './sequence.ts';
export { unwrap } from './trace.ts';
