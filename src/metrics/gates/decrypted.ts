/**
 * Everything encrypted in the captures could be read with the run's keys. If not, a probe cannot be told from an UPDATE
 * nor a delivery from a keepalive, and the numbers would be guesses. Where a tunnel authenticates nothing, on purpose, what could be
 * deciphered is enough.
 */
import type { Gate } from '../../types/run.ts';
import { IKE_SA_INIT } from '../exchange.ts';
import type { MetricInput } from '../input.ts';
import { endsAt } from '../protection.ts';
import type { Trace } from '../sighting.ts';
import { isBetween, tunnelsOf } from '../tunnels.ts';

export function decrypted(input: MetricInput, trace: Trace): Gate {
  const ike = trace.ike.filter((seen) => seen.ike.exchange !== IKE_SA_INIT);
  const ikeBad = ike.filter((seen) => !seen.ike.decrypted).length;
  const bare = (input.cell.mml ?? []).filter(({ suite }) => suite.endsWith('/none'));
  let esp = 0;
  let espBad = 0;
  let fragments = 0;
  for (const packet of input.captures.flatMap((capture) => capture.packets)) {
    if (packet.esp === null && packet.protocol !== 50) continue;
    esp += 1;
    if (packet.esp?.inner && (packet.esp.authenticated || bare.some((tunnel) => isBetween(tunnel, packet)))) continue;
    espBad += 1;
    if (packet.fragment) fragments += 1;
  }
  const bad: string[] = [];
  if (ikeBad > 0) bad.push(`${ikeBad} of ${ike.length} IKE messages`);
  if (espBad > 0)
    bad.push(`${espBad} of ${esp} ESP packets${fragments > 0 ? ` (${fragments} are IP fragments: lower the flow's size)` : ''}`);
  const tunnels = new Set(tunnelsOf(input.cell).map(({ name }) => name));
  const unseen = input.cell.flows
    .filter((flow) => endsAt(input, flow, flow.from) || endsAt(input, flow, flow.to))
    .filter(({ name }) => !(trace.associations.get(name) ?? trace.flows.get(name) ?? []).some((seen) => seen.sealed))
    .map(({ name, protectedBy }) =>
      tunnels.has(protectedBy ?? '') ? `no packet of flow ${name} in its tunnel` : `no ESP packet of flow ${name}`,
    );
  const ok = bad.length === 0 && unseen.length === 0;
  const detail = ok
    ? `${ike.length} IKE messages, ${esp} ESP packets`
    : [...(bad.length > 0 ? [`not decrypted: ${bad.join(', ')}`] : []), ...unseen].join('; ');
  return { name: 'decrypted', ok, severity: 'invalid', detail };
}
