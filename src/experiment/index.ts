export { type Backend, chooseBackend, ownVersion } from './backend.ts';
export { type PlannedRun, plannedRuns } from './folder.ts';
export { type Progress, type RunOptions, runExperiment } from './run.ts';
