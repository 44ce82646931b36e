/**
 * roamlab as a library: everything the command line does. `runExperiment` is the main job; `loadExperiment` and `planText` touch
 * nothing; `analyzeExperiment`, `analyzeRun`, `analyzeForeign` and `compareRuns` work from files alone.
 */
export { type CompareOptions, type Comparison, compareRuns, renderComparison } from './compare/index.ts';
export { type Diagnosis, diagnose } from './doctor/index.ts';
export { type Progress, type RunOptions, runExperiment } from './experiment/index.ts';
export { planText, runPlan } from './plan/index.ts';
export { analyzeExperiment, analyzeForeign, analyzeRun, renderTerminal } from './report/index.ts';
export { experimentJsonSchema, type LoadedExperiment, loadExperiment, parseExperiment, SpecError } from './spec/index.ts';
export { RoamlabError } from './types/errors.ts';
export type * from './types/experiment.ts';
export type * from './types/host.ts';
export type * from './types/run.ts';
