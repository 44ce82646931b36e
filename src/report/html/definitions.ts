/** What each metric means and what none of them can say. Printed with every report, so that a number never travels alone. */
import { QUIET_INTERVALS } from '../../metrics/index.ts';
import { SMALLEST_N_FOR_INTERVAL } from '../../stats/index.ts';
import type { MetricName } from '../../types/experiment.ts';
import type { ExperimentRecord, Summary } from '../../types/run.ts';
import { ARP_NOTE, CLOCK_NOTE, DISTURBED_NOTE, isVirtual } from '../notes.ts';
import { beyondPaper } from './beyond.ts';
import { html, type Markup } from './markup.ts';

/** The list. What MOBIKE's handovers are measured by is always in it, the rest where this experiment has it. */
export function definitions(record: ExperimentRecord, summary: Summary): Markup {
  const { provenance } = summary;
  const metrics = new Set(summary.cells.flatMap((cell) => cell.metrics.map(({ metric }) => metric)));
  const has = (base: MetricName): boolean => [...metrics].some((metric) => metric.split('.')[0] === base);
  const entry = (when: boolean, name: string, text: string): Markup | null =>
    when
      ? html`
<dt>${name}</dt><dd>${text}</dd>`
      : null;
  return html`<dl class="defs">
<dt>t0</dt><dd>The kernel's own notification of the event; of a soft handover, the command to use the new path. In a null run, the time the event would have been due.</dd>
<dt>T_IKE</dt><dd>First IKE_SA_INIT request the mobile node sends, until its CHILD_SA is usable.${isVirtual(provenance) ? html` <strong>Here ${CLOCK_NOTE}.</strong>` : null}</dd>
${entry(has('T_SCTP'), 'T_SCTP', T_SCTP)}
<dt>T_SYS</dt><dd>t0 until the first packet (IKE or protected data; never ARP, neighbour discovery or multicast) the mobile node sends from a new address, or from a path made before once data moves to it. HEARTBEATs of SCTP over idle paths do not count: they come with or without the event. Nor does what is sent after the flows have stopped.</dd>
${entry(metrics.has('T_SYS.timer'), 'T_SYS.timer, T_SYS.rest', T_SYS_PARTS)}
<dt>T_RC</dt><dd>Path probe request to its response, from the first transmission from the new address; it ${ARP_NOTE}.</dd>
<dt>T_UPDATE</dt><dd>Request with UPDATE_SA_ADDRESSES to its response, from the first transmission.</dd>
<dt>T_STALLED</dt><dd>Per flow, at its receiver: last delivery before the outage to the first after it. The outage is the longest gap that ends after t0 and begins before the next event or the end of the flow. A longest gap of at most ${QUIET_INTERVALS} nominal packet intervals (of a flow without a rate: round trips) with no packet missing is no outage. The value is that longest gap, outage or not, and raw: an undisturbed flow already has gaps of one nominal interval, as the floor shows. A run's facts.json also has it net of that interval (stalledNet).</dd>
<dt>T_SWITCH</dt><dd>T_STALLED of a flow towards the mobile node.</dd>
${entry(has('T_RECOVER'), 'T_RECOVER', T_RECOVER)}
<dt>loss</dt><dd>Sequence numbers sent and never delivered, over the whole run.</dd>
${entry(has('retransmitted'), 'retransmitted', RETRANSMITTED)}${entry(has('throughput'), 'throughput', THROUGHPUT)}${entry(has('goodput'), 'goodput', GOODPUT)}${entry(has('cwnd'), 'cwnd', CWND)}${entry(has('stages'), 'stages', STAGES)}${entry(has('CPU'), 'CPU', CPU)}
<dt>floor</dt><dd>Median of what the same analysis reports for the null runs, in which nothing happens: for a stall, one packet interval.</dd>
<dt>Statistics</dt><dd>Quartiles of valid runs by linear interpolation (type 7 of Hyndman and Fan). The interval is a seeded percentile bootstrap of the median; with fewer than ${SMALLEST_N_FOR_INTERVAL} values (*) it is the whole range, because even that covers the median with less than 95 %.</dd>
${entry((summary.comparisons ?? []).length > 0, 'What protection costs', COMPARED)}${entry(
  record.cells.some((cell) => beyondPaper(cell) !== null),
  'beyond the paper',
  BEYOND,
)}
${isVirtual(provenance) ? null : html`<dt>disturbed, too noisy</dt><dd>${DISTURBED}</dd>`}
</dl>`;
}

const T_SCTP =
  'First INIT that the mobile node sends or receives until the COOKIE-ACK there: the four-way handshake of RFC 9260 section 5.1 (E2E paper, section VI-B). It is over before any event, so a null run has another measurement of it and no floor.';
const T_SYS_PARTS =
  'The two parts of T_SYS where a flow is SCTP. timer: an end waited for a timer of SCTP, which is T3-rtx of a lost chunk (RFC 9260 section 6.3; RFC 7829 decides how many it takes until another path is used) or, when the mobile node only answers, its own SACK timer (section 6.2), and follows from settings, not from how fast a machine is. rest: everything else that can be told apart, such as what kernel and IPsec need, address resolution, or address changes by ASCONF (RFC 5061). The E2E paper, section VI-B, prints their sum.';
const T_RECOVER =
  'Per flow: t0 until its receiver has 90 % of the throughput before t0 again, in three bins in a row, after the outage. What the E2E paper, section VI-B, reads from figures 3c to 3e.';
const RETRANSMITTED =
  'Per flow: DATA chunks of SCTP that were sent again, because T3-rtx expired (RFC 9260 section 6.3.3) or because gap reports said they were missing (section 7.2.4); a chunk that first left its host after later ones is one too. Segments of TCP that left their sender with an octet that had left before, from t0 on, without an event in the whole flow. retransmitted.SNOOP: packets that an agent sent again from its cache, by its own count.';
const THROUGHPUT =
  "Per flow: user data at its receiver, each octet once, when it first arrived; the mean of the last second before t0, or over the whole flow when there is no event. 1 Mbit/s is 10\u2076 bit/s. A null run's is another measurement, not a floor.";
const GOODPUT =
  "Per bulk TCP flow: octets its receiver could read, each once and in order, by the sequence numbers in the capture there, from the moment the first octet of user data left its sender, for as long as the flow lasts by the experiment's file. Setting up connections is not in it, nor what arrives later. A warning gate compares it with what iperf3's receiver counted, in whole blocks.";
const CWND =
  "Per bulk TCP flow: the sender's congestion window in segments (of the connection's MSS), the mean over the flow of what iperf3 reports every 0.1 s. usable: what of it the window that the receiver offers lets the sender have under way.";
const STAGES =
  'Per node and stage of its ESP helper: seconds of one packet, the mean of all that went through the stage in a run, taken by the helper itself between one stage and the next. With the virtual clock it counts instructions.';
const CPU =
  "Per host and flow: instructions that the host spends on one packet, counted by the virtual clock; they are not cycles, and hardware has other instructions for the same cipher. The E2E paper, section V-C, estimates what transport mode saves of tunnel mode. All hosts: the sum of the hosts' medians, which has no interval. What protection adds: the difference to the median of the cell without it; the rest is sending, forwarding, reading and the capture, which no protection changes.";
const COMPARED = `A cell beside the one with the same values of the matrix but for security: the difference of the medians and their ratio. The interval is a seeded percentile bootstrap of the difference, which draws from both cells independently; with fewer than ${SMALLEST_N_FOR_INTERVAL} values on either side (*) it is the range of the differences of all pairs, and with a single one there is none. Which intervals hold 0 among many comparisons is in part chance: one of twenty leaves it out although nothing differs.`;
const BEYOND = 'Not measured by the paper: WireGuard and MPTCP (RFC 8684) stand beside what it measured, for comparison.';

const DISTURBED = `A run is ${DISTURBED_NOTE}; its host.json has what was seen. Such a run counts like any other, since leaving slow runs out would flatter the rest. A cell is too noisy when more than a quarter of its valid runs are disturbed, or when an interval wider than a tenth of its median shrinks to half without them.`;

export const LIMITS = html`<ul>
<li>All nodes share one machine, one kernel and one clock: clock error between nodes is absent, and so is the speed of real radio hardware.</li>
<li>A delivery is the packet's arrival at the receiver's interface, if the receiver's own log confirms it; time inside the receiver is not in it.</li>
<li>Interruptions are only as fine as the flow's packet interval: a gap is known to one interval at either end.</li>
<li>Under emulation (accelerator “tcg”) computing is slower than on hardware; compare such runs only with each other.</li>
</ul>`;
