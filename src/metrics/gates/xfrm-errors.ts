/**
 * Kernel IPsec error counters that rose. A warning, because some are the handover itself: packets that meet an SA while
 * its addresses move (XfrmInNoStates, XfrmOutNoStates) are lost, and being lost they are already counted.
 */
import type { Gate } from '../../types/run.ts';
import type { MetricInput } from '../input.ts';

export function xfrmErrors({ run }: MetricInput): Gate {
  const risen = Object.entries(run.xfrmErrors).flatMap(([node, counters]) =>
    Object.entries(counters)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${node} ${name} +${count}`),
  );
  return { name: 'xfrm-errors', ok: risen.length === 0, severity: 'warning', detail: risen.join(', ') || 'none' };
}
