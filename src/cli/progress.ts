/**
 * Progress on stderr: on a terminal a table that is redrawn in place (live/), elsewhere a line per finished run. Either way what is said
 * once (notes, invalid runs) stays.
 */
import type { PlannedRun, Progress } from '../experiment/index.ts';
import { milliseconds } from '../report/format.ts';
import { styleFor } from '../report/index.ts';
import type { RunFacts } from '../types/run.ts';
import { clock } from './live/pace.ts';
import { renderLive } from './live/render.ts';
import { Screen } from './live/screen.ts';
import { initialState, reduce, runsToGo } from './live/state.ts';

export interface Reporter {
  report: (progress: Progress) => void;
  /** the last word; `complete`: the experiment has ended, and its results say the rest */
  end: (complete: boolean) => void;
}

export interface ReporterOptions {
  quiet: boolean;
  env: Record<string, string | undefined>;
  /** milliseconds */
  now?: () => number;
}

const SILENT: Reporter = { report: () => {}, end: () => {} };

const nameOf = (run: PlannedRun): string => `${run.nullEvent ? 'null' : 'run'} ${run.run}`;

function outcome(facts: RunFacts | null): string {
  if (facts === null) return 'not analysed';
  if (!facts.valid)
    return `invalid: ${facts.gates.find((g) => !g.ok && g.severity === 'invalid')?.detail.split('\n')[0] ?? facts.notes[0] ?? ''}`;
  if (facts.nullEvent) return 'null run';
  const shown = ['T_SYS', 'T_RC', 'T_UPDATE'].filter((name) => facts.metrics[name] != null);
  return shown.map((name) => `${name} ${milliseconds(facts.metrics[name] ?? null)}`).join('  ');
}

/** The events worth a line of their own; null for the others. */
function lineOf(progress: Progress, elapsed: string): string | null {
  switch (progress.type) {
    case 'note':
      return progress.line;
    case 'backend': {
      const { backend } = progress;
      if (backend.kind === 'netns') return `backend netns: ${backend.why}`;
      return `backend vm: ${backend.why}; ${backend.acceleration.accelerator}: ${backend.acceleration.why}; ${backend.clock} clock`;
    }
    case 'runs': {
      const { total, kept, folder, untilCi } = progress;
      const done = kept > 0 ? `, ${kept} of them already done` : '';
      return `${untilCi ? 'at most ' : ''}${total} runs${done}, results in ${folder}`;
    }
    case 'enough':
      return `[${elapsed}] ${progress.cell}: enough after run ${progress.run}`;
    case 'done': {
      const { run, finished, total } = progress;
      return `[${elapsed}] ${finished}/${total} ${run.cell.cell} ${nameOf(run)}: ${outcome(progress.facts)}`;
    }
    default:
      return null;
  }
}

/** A terminal gets the live view, everything else lines, and who wants quiet nothing. */
export function progressReporter(stream: NodeJS.WriteStream, { quiet, env, now = () => performance.now() }: ReporterOptions): Reporter {
  if (quiet) return SILENT;
  const live = stream.isTTY === true && env.TERM !== 'dumb';
  let state = initialState(now());
  let screen: Screen | null = null;
  const draw = (): string[] => {
    state = { ...state, now: now() };
    const { color } = styleFor(stream, env);
    return renderLive(state, { columns: stream.columns || 80, rows: stream.rows || 24, color });
  };
  return {
    report(progress) {
      state = reduce(state, progress, now());
      const line = lineOf(progress, clock(state.now - state.started));
      // the table shows what valid runs measured
      const inTable = live && progress.type === 'done' && progress.facts?.valid === true;
      if (line !== null && !inTable) stream.write(`${line}\n`);
      if (live && progress.type === 'runs' && runsToGo(state) > 0) screen ??= new Screen(stream, draw);
    },
    end(complete) {
      screen?.end(!complete);
      screen = null;
      const { finishes, started } = state;
      if (!complete || finishes.length === 0) return;
      const elapsed = now() - started;
      stream.write(`${finishes.length} runs in ${clock(elapsed)}, ${((finishes.length * 60_000) / elapsed).toFixed(1)} per minute\n`);
    },
  };
}
