/** What each metric means and what none of them can say. Printed with every report, so that a number never travels alone. */
import { QUIET_INTERVALS } from '../../metrics/index.ts';
import { SMALLEST_N_FOR_INTERVAL } from '../../stats/index.ts';
import type { Provenance } from '../../types/run.ts';
import { ARP_NOTE, CLOCK_NOTE, DISTURBED_NOTE, isVirtual } from '../notes.ts';
import { html, type Markup } from './markup.ts';

/** The list; `provenance` decides what must be said of this experiment only. */
export function definitions(provenance: Provenance): Markup {
  return html`<dl class="defs">
<dt>t0</dt><dd>The kernel's own notification of the event; of a soft handover, the command to use the new path. In a null run, the time the event would have been due.</dd>
<dt>T_IKE</dt><dd>First IKE_SA_INIT request the mobile node sends, until its CHILD_SA is usable.${isVirtual(provenance) ? html` <strong>Here ${CLOCK_NOTE}.</strong>` : null}</dd>
<dt>T_SYS</dt><dd>t0 until the first packet (IKE or protected data; never ARP, neighbour discovery or multicast) the mobile node sends from a new address, or from a path made before once data moves to it.</dd>
<dt>T_RC</dt><dd>Path probe request to its response, from the first transmission from the new address; it ${ARP_NOTE}.</dd>
<dt>T_UPDATE</dt><dd>Request with UPDATE_SA_ADDRESSES to its response, from the first transmission.</dd>
<dt>T_STALLED</dt><dd>Per flow, at its receiver: last delivery before the outage to the first after it. The outage is the longest gap that ends after t0 and begins before the next event or the end of the flow. A longest gap of at most ${QUIET_INTERVALS} nominal packet intervals with no packet missing is no outage. The value is that longest gap, outage or not, and raw: an undisturbed flow already has gaps of one nominal interval, as the floor shows. A run's facts.json also has it net of that interval (stalledNet).</dd>
<dt>T_SWITCH</dt><dd>T_STALLED of a flow towards the mobile node.</dd>
<dt>loss</dt><dd>Sequence numbers sent and never delivered, over the whole run.</dd>
<dt>floor</dt><dd>Median of what the same analysis reports for the null runs, in which nothing happens: for a stall, one packet interval.</dd>
<dt>Statistics</dt><dd>Quartiles of valid runs by linear interpolation (type 7 of Hyndman and Fan). The interval is a seeded percentile bootstrap of the median; with fewer than ${SMALLEST_N_FOR_INTERVAL} values (*) it is the whole range, because even that covers the median with less than 95 %.</dd>
${isVirtual(provenance) ? null : html`<dt>disturbed, too noisy</dt><dd>${DISTURBED}</dd>`}
</dl>`;
}

const DISTURBED = `A run is ${DISTURBED_NOTE}; its host.json has what was seen. Such a run counts like any other, since leaving slow runs out would flatter the rest. A cell is too noisy when more than a quarter of its valid runs are disturbed, or when an interval wider than a tenth of its median shrinks to half without them.`;

export const LIMITS = html`<ul>
<li>All nodes share one machine, one kernel and one clock: clock error between nodes is absent, and so is the speed of real radio hardware.</li>
<li>A delivery is the packet's arrival at the receiver's interface, if the receiver's own log confirms it; time inside the receiver is not in it.</li>
<li>Interruptions are only as fine as the flow's packet interval: a gap is known to one interval at either end.</li>
<li>Under emulation (accelerator “tcg”) computing is slower than on hardware; compare such runs only with each other.</li>
</ul>`;
