/** report: run folders in; facts, summaries, tables and pages out. The only room of the analysis that touches files. */
export { type AnalyzeOptions, analyzeExperiment, analyzeRun } from './analyze.ts';
export { loadExperiment, loadRunFolder, loadRunRecord } from './folder/load.ts';
export { cellFolder, runName } from './folder/names.ts';
export { type RunFolder, runFolders } from './folder/runs.ts';
export { analyzeForeign, type ForeignReport } from './foreign/index.ts';
export { renderHtml } from './html/index.ts';
export type { ReportInput, ReportRun } from './html/types.ts';
export { renderForeign } from './terminal/foreign.ts';
export { renderTerminal, styleFor, type TerminalOptions } from './terminal/index.ts';
