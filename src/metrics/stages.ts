/** What the ESP helpers and the bit errors of a run say of themselves. */
import type { MetricInput } from './input.ts';
import type { Measured } from './measured.ts';
import { isEnd, tunnelsOf } from './tunnels.ts';

/** `stages.<node>.<stage>`: seconds of one packet in a stage, the mean of all that went through it; none unless asked for. */
export function stagesOf({ cell, run }: MetricInput): Record<string, Measured> {
  const found: Record<string, Measured> = {};
  if (!cell.measure.includes('stages')) return found;
  for (const [node, { stages }] of Object.entries(run.helpers ?? {})) {
    for (const [stage, { packets, total }] of Object.entries(stages))
      found[`stages.${node}.${stage}`] = packets > 0 ? { value: total / packets, notes: [] } : { value: null, notes: ['no packet'] };
  }
  return found;
}

/** `retransmitted.SNOOP.<node>`: packets that an agent sent again from its cache, by its own count. */
export function locallyRepaired({ run }: MetricInput): Record<string, Measured> {
  return Object.fromEntries(
    Object.entries(run.helpers ?? {}).flatMap(([node, { agent }]) =>
      agent?.snoop ? [[`retransmitted.SNOOP.${node}`, { value: agent.retransmitted, notes: [] }]] : [],
    ),
  );
}

/** Sentences for the run's notes. */
export function wirelessNotes(input: MetricInput): string[] {
  const errors = Object.entries(input.run.bitErrors ?? {}).map(([end, { passed, dropped }]) => {
    const all = passed + dropped;
    return `bit errors at ${end}: ${dropped} of ${all} packets lost${all > 0 ? ` (${((100 * dropped) / all).toFixed(2)} %)` : ''}`;
  });
  return [...errors, ...modeNotes(input), ...repairNotes(input)];
}

/** What dynamic mode came to: flows that were raised, or too many to be remembered, are protected more than the file says. */
function modeNotes({ cell, run }: MetricInput): string[] {
  const dynamic = (cell.mml ?? []).filter((tunnel) => tunnel.dynamic !== undefined);
  return dynamic.flatMap(({ name, initiator, responder }) =>
    [initiator, responder].flatMap((node) => {
      const out = run.helpers?.[node]?.tunnels[name]?.out;
      if (out === undefined) return [];
      const modes = Object.entries(out.byMode).filter(([, count]) => count > 0);
      return [`${node} sent ${out.packets} packets of ${name}: ${modes.map(([mode, count]) => `${count} ${mode}`).join(', ') || 'none'}`];
    }),
  );
}

/** Each agent's count beside what the capture at its wireless interface shows of it. */
function repairNotes(input: MetricInput): string[] {
  const { cell, run, captures } = input;
  return Object.entries(run.helpers ?? {}).flatMap(([node, { agent }]) => {
    const wireless = cell.nodes.find(({ name }) => name === node)?.snoop?.wireless;
    if (!agent?.snoop || wireless === undefined) return [];
    const own = `SNOOP at ${node} sent ${agent.retransmitted} packets again and kept back ${agent.suppressed} acknowledgements`;
    const capture = captures.find((one) => one.node === node && one.interface === wireless);
    const sealed = tunnelsOf(cell).some((tunnel) => !isEnd(tunnel, node));
    return [capture === undefined || !sealed ? own : `${own}; ${copiesIn(capture)} copies of ESP packets left ${node}:${wireless}`];
  });
}

/** Packets that left with an SPI and sequence number that had left before. */
function copiesIn({ packets, mac }: MetricInput['captures'][number]): number {
  const seen = new Set<string>();
  let copies = 0;
  for (const { esp, srcMac } of packets) {
    if (esp === null || srcMac !== mac) continue;
    const key = `${esp.spi} ${esp.seq}`;
    if (seen.has(key)) copies += 1;
    seen.add(key);
  }
  return copies;
}
