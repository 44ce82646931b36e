/** What an executor reports while it works. */
import type { PlannedRun } from './folder.ts';

export interface ExecutionEvents {
  onStart: (run: PlannedRun) => void;
  onStep: (run: PlannedRun, phase: string, title: string) => void;
  /** the run's folder is complete */
  onDone: (run: PlannedRun) => Promise<void>;
  /** kernel, strongSwan and tools, as the place of execution reports them; before the first run */
  onHello: (hello: { kernel: string; strongswan: string; tools: Record<string, string> }) => void;
  /** a cell's snapshot is being made, or is there */
  onSnapshot: (cell: string, state: 'making' | 'ready') => void;
}
