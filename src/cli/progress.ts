/**
 * Progress on stderr: on a terminal one line that is rewritten, elsewhere a line per finished run. Time left is the mean of the
 * runs so far times the runs to go.
 */
import type { PlannedRun, Progress } from '../experiment/index.ts';
import { milliseconds } from '../report/format.ts';
import type { RunFacts } from '../types/run.ts';

const minutes = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

const nameOf = (run: PlannedRun): string => `${run.nullEvent ? 'null' : 'run'} ${run.run}`;

function outcome(facts: RunFacts | null): string {
  if (facts === null) return 'not analysed';
  if (!facts.valid)
    return `invalid: ${facts.gates.find((g) => !g.ok && g.severity === 'invalid')?.detail.split('\n')[0] ?? facts.notes[0] ?? ''}`;
  if (facts.nullEvent) return 'null run';
  const shown = ['T_SYS', 'T_RC', 'T_UPDATE'].filter((name) => facts.metrics[name] != null);
  return shown.map((name) => `${name} ${milliseconds(facts.metrics[name] ?? null)}`).join('  ');
}

export function progressReporter(stream: NodeJS.WriteStream, quiet: boolean): (progress: Progress) => void {
  if (quiet) return () => {};
  const live = stream.isTTY === true;
  const started = performance.now();
  let firstRun = 0;
  let doneBefore = 0;
  const line = (text: string) => stream.write(`${live ? '\r\u001b[K' : ''}${text}\n`);
  const status = (text: string) => {
    if (live) stream.write(`\r\u001b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  return (progress) => {
    switch (progress.type) {
      case 'note':
        return line(progress.line);
      case 'backend': {
        const { backend } = progress;
        if (backend.kind === 'netns') return line(`backend netns: ${backend.why}`);
        return line(`backend vm: ${backend.why}; ${backend.acceleration.accelerator}: ${backend.acceleration.why}; ${backend.clock} clock`);
      }
      case 'runs':
        doneBefore = progress.kept;
        line(`${progress.total} runs${progress.kept > 0 ? `, ${progress.kept} of them already done` : ''}, results in ${progress.folder}`);
        return status(progress.total > progress.kept ? 'starting (an emulated guest boots in about 8 s)' : '');
      case 'start':
        firstRun ||= performance.now();
        return;
      case 'step': {
        const { finished, total, run } = progress;
        const done = finished - doneBefore;
        const left = done > 0 ? `, about ${minutes((((performance.now() - firstRun) / done) * (total - finished)) / 1000)} left` : '';
        return status(`${finished}/${total} done${left}; ${run.cell.cell} ${nameOf(run)} ${progress.phase}: ${progress.title}`);
      }
      case 'done': {
        const { run, finished, total } = progress;
        const clock = minutes((performance.now() - started) / 1000);
        return line(`[${clock}] ${finished}/${total} ${run.cell.cell} ${nameOf(run)}: ${outcome(progress.facts)}`);
      }
    }
  };
}
