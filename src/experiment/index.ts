export { type Backend, chooseBackend, ownVersion } from './backend.ts';
export { type PlannedRun, plannedRuns } from './folder.ts';
export { type Replayed, type ReplayOptions, replayRun } from './replay.ts';
export { type Progress, type RunOptions, runExperiment } from './run.ts';
