/**
 * T_IKE: the first IKE_SA_INIT request the MN sends until its CHILD_SA is usable. Usable is what charon logs after it
 * installed the SAs; the wire shows only the IKE_AUTH response, some kernel work earlier, and serves when no log is left.
 */
import { exchangesFrom, IKE_AUTH, IKE_SA_INIT } from './exchange.ts';
import { linesOf, type MetricInput, mobileConnection, mobileNode } from './input.ts';
import type { Measured } from './measured.ts';
import type { Trace } from './sighting.ts';

/** Seconds; null with the reason when no negotiation was captured. Exchanges of RFC 7296 section 1.2. */
export function tIke(input: MetricInput, trace: Trace): Measured {
  if (mobileConnection(input.cell) === null) return { value: null, notes: ['no IPsec in this cell'] };
  const mobile = mobileNode(input.cell);
  const exchanges = exchangesFrom(trace, mobile);
  const init = exchanges.find((exchange) => exchange.exchange === IKE_SA_INIT);
  if (init === undefined) return { value: null, notes: ['no IKE_SA_INIT request of the MN was captured'] };
  const start = init.requests[0]!.t;
  const notes = init.requests.length > 1 ? [`IKE_SA_INIT was sent ${init.requests.length} times`] : [];
  const line = linesOf(input, mobile).find((entry) => entry.t >= start && /\bCHILD_SA \S+ established\b/.test(entry.text));
  if (line !== undefined) return { value: (line.t - start) / 1e9, from: start, notes };
  const auth = exchanges.filter((exchange) => exchange.exchange === IKE_AUTH && exchange.initiatorSpi === init.initiatorSpi);
  const last = auth.flatMap((exchange) => exchange.responses).at(-1);
  if (last === undefined) return { value: null, notes: [...notes, 'IKE_AUTH was never answered'] };
  const note = 'no log line of the CHILD_SA: ends at the IKE_AUTH response on the wire';
  return { value: (last.t - start) / 1e9, from: start, notes: [...notes, note] };
}
