/** Experiment files: YAML in, checked runtime experiments out. Touches nothing but the file. */
export { featuresOf } from './features.ts';
export { SpecError, type SpecIssue } from './issue.ts';
export { experimentJsonSchema } from './json-schema.ts';
export { loadExperiment } from './load.ts';
export { type LoadedExperiment, parseExperiment } from './parse.ts';
export { PROFILES, type Profile, type ProfileName } from './profiles.ts';
export { CPU_RATES, instructionsPerSecond } from './schema/experiment.ts';
