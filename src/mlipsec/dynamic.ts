/**
 * Dynamic MML-IPsec (Choi et al., section 5.2) at one end of a tunnel: in which mode each packet is sent, and which received ones are taken.
 * A stronger mode needs nobody's consent: the peer that receives it raises its own sending of the flow. A weaker one is taken only within an
 * agreement, and what was raised goes down only with a new one. Without an agreement everything is `mml`.
 */
import type { ProtectionMode } from '../types/experiment.ts';
import { type Agreement, agreementFault, isStronger, NEVER, STRICT, STRONGEST, stronger, type Terms, termsFor } from './agreement.ts';
import { type FlowKey, flowKey } from './flow-key.ts';
import type { Reason } from './refusal.ts';

export interface DynamicOptions {
  readonly agreement?: Agreement | null;
  /** seconds, never going back */
  readonly now: () => number;
  /** flows that are remembered */
  readonly maxFlows?: number;
}

/** Packets sent before an agreement began or ended may arrive for as many seconds more. */
export const GRACE = 2;
/**
 * As many packets in the strongest mode in a row, where every n-th was agreed on, are no longer chance but a peer that has raised the flow:
 * at a loss of 20 % the others between are all lost once in 3e10 times, with n = 2.
 */
export const RAISED_AFTER = 16;

export class DynamicPolicy {
  readonly #now: () => number;
  readonly #maxFlows: number;
  #agreement: Agreement | null = null;
  /** until then stronger packets may be ones from before the agreement, and raise nothing */
  #settled = Number.NEGATIVE_INFINITY;
  /** packets sent of each flow, modulo n */
  readonly #sent = new Map<string, number>();
  /** packets received in the strongest mode since the last weaker one */
  readonly #row = new Map<string, number>();
  readonly #raised = new Map<string, ProtectionMode>();
  /** of all flows: what is left of those raised when there were too many */
  #floor: ProtectionMode = 'plain';

  /** TypeError: an agreement that is none. */
  constructor({ agreement = null, now, maxFlows = 4096 }: DynamicOptions) {
    this.#now = now;
    this.#maxFlows = maxFlows;
    this.#begin(agreement);
  }

  /** Replaces the agreement and takes back what was raised under the old one; null: nothing but `mml` any more. TypeError as above. */
  agree(agreement: Agreement | null): void {
    this.#begin(agreement);
    this.#settled = this.#now() + GRACE;
  }

  /** The mode of the next packet of its flow; the first of n is the strongest. What shows no flow is sent in `mml`. */
  chooseMode(inner: Uint8Array): ProtectionMode {
    const flow = flowKey(inner);
    if (flow === null) return STRONGEST;
    const { everyNth, otherwise } = this.#terms(flow, 0);
    const least = stronger(otherwise, this.#raised.get(flow.key) ?? this.#floor);
    if (least === STRONGEST || everyNth === NEVER) return least;
    const count = this.#sent.get(flow.key) ?? 0;
    this.#remember(this.#sent, flow.key, (count + 1) % everyNth);
    return count === 0 ? STRONGEST : least;
  }

  /**
   * Whether a packet that came in this mode, authentic as far as the mode goes, is taken: null, or why not. Only what is authenticated leaves
   * a trace, except that a packet in clear is one that is not in the strongest mode.
   */
  accept(mode: ProtectionMode, inner: Uint8Array): Reason | null {
    const flow = flowKey(inner);
    if (flow === null) return mode === STRONGEST ? null : 'not-agreed';
    const { everyNth, otherwise } = this.#terms(flow, GRACE);
    if (isStronger(otherwise, mode)) return 'not-agreed';
    if (everyNth === 1) return null;
    if (mode !== STRONGEST) this.#row.delete(flow.key);
    else if (everyNth !== NEVER) {
      const row = (this.#row.get(flow.key) ?? 0) + 1;
      this.#remember(this.#row, flow.key, row);
      if (row < RAISED_AFTER) return null;
    }
    if (isStronger(mode, otherwise) && this.#now() >= this.#settled) this.#raise(flow, mode);
    return null;
  }

  /** Sends the flow of this packet in this mode at least, from now on; the peer will follow. */
  raise(mode: ProtectionMode, inner: Uint8Array): void {
    const flow = flowKey(inner);
    if (flow !== null) this.#raise(flow, mode);
  }

  #begin(agreement: Agreement | null): void {
    const fault = agreement === null ? null : agreementFault(agreement);
    if (fault !== null) throw new TypeError(`dynamic mode: ${fault}`);
    this.#agreement = agreement;
    this.#floor = 'plain';
    for (const map of [this.#sent, this.#row, this.#raised]) map.clear();
  }

  #terms(flow: FlowKey, grace: number): Terms {
    const agreement = this.#agreement;
    if (agreement === null || (agreement.until !== Number.POSITIVE_INFINITY && this.#now() >= agreement.until + grace)) return STRICT;
    return termsFor(agreement, flow);
  }

  #raise({ key }: FlowKey, mode: ProtectionMode): void {
    const before = this.#raised.get(key) ?? this.#floor;
    if (!isStronger(mode, before)) return;
    if (this.#raised.size >= this.#maxFlows && !this.#raised.has(key)) {
      // nothing that was raised may fall back because it was forgotten
      for (const one of this.#raised.values()) this.#floor = stronger(this.#floor, one);
      this.#raised.clear();
    }
    this.#raised.set(key, stronger(mode, this.#floor));
  }

  /** Forgets the oldest flow where there are too many: it begins again, with the strongest mode. */
  #remember(map: Map<string, number>, key: string, value: number): void {
    if (map.size >= this.#maxFlows && !map.has(key)) {
      for (const oldest of map.keys()) {
        map.delete(oldest);
        break;
      }
    }
    map.set(key, value);
  }
}
