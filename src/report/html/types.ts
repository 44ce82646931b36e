/** What the page is made from. */
import type { ExperimentRecord, RunFacts, Summary } from '../../types/run.ts';

export interface ReportRun {
  facts: RunFacts;
  /** relative to the report, with `/` */
  folder: string;
  /** capture files relative to `folder` */
  captures: string[];
}

export interface ReportInput {
  record: ExperimentRecord;
  summary: Summary;
  runs: ReportRun[];
}
