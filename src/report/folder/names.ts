/** What the folders of a results folder are called: `cells/<cell>/run-001`, and `null-001` for the null event. */
import { contentHash } from '../../host/cache.ts';

/** Folder name of a cell: its own name where that is safe in a path, else what is safe of it and a hash, so that no two cells share one. */
export function cellFolder({ cell }: { cell: string }): string {
  const safe = cell.replace(/[^\w=,.-]/g, '_').slice(0, 100);
  return safe === cell && /\w/.test(safe) ? safe : `${safe}-${contentHash(cell).slice(0, 8)}`;
}

/** Folder name of a run inside its cell's. */
export function runName(run: number, nullEvent: boolean): string {
  return `${nullEvent ? 'null' : 'run'}-${String(run).padStart(3, '0')}`;
}
