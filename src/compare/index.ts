/** compare: two runs in; whether they are the same to the octet, and if not where they part or how their handovers compare. */
export { type CompareOptions, compareRuns } from './compare.ts';
export { runFoldersOf, type Selection } from './resolve.ts';
export { renderComparison } from './terminal/index.ts';
export type { Comparison, View } from './types.ts';
