/** The bins of a flow as steps of a line, few enough to draw. */
import type { Throughput } from '../../types/run.ts';

/** More steps than pixels only make the file larger. */
const MOST = 400;

export interface Step {
  /** seconds relative to t0 where the step begins; without a t0 to the first bin */
  x: number;
  /** bit/s */
  y: number;
}

/**
 * Neighbouring bins are taken together where there are more than MOST, never across t0. The last step is where the line ends. A bin's width
 * that is not a positive number makes no steps.
 */
export function steps({ bin, start, octets }: Throughput, t0: number | null): Step[] {
  if (!(bin > 0) || octets.length === 0) return [];
  const origin = ((t0 ?? start) - start) / 1e9;
  const edge = Math.round(origin / bin);
  const together = Math.ceil(octets.length / MOST);
  const list: Step[] = [];
  for (let from = 0; from < octets.length; ) {
    const left = together - ((((from - edge) % together) + together) % together);
    const to = Math.min(octets.length, from + left);
    const sum = octets.slice(from, to).reduce((total, value) => total + value, 0);
    list.push({ x: from * bin - origin, y: (8 * sum) / ((to - from) * bin) });
    from = to;
  }
  return [...list, { x: octets.length * bin - origin, y: list.at(-1)!.y }];
}
