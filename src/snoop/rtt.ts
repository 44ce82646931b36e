/**
 * The round-trip time between agent and mobile, and the local retransmission timeout: RFC 6298 section 2 with the paper's initial and
 * minimum values. The queue in front of the radio is part of it. Times in ms.
 */
export interface RttParameters {
  initialRto: number;
  minRto: number;
  /** ceiling of the timeout */
  persistTimeout: number;
}

export interface RttState {
  smoothed: number;
  variation: number;
}

export class RttEstimator {
  readonly #parameters: RttParameters;
  #state: RttState | null;
  #shift = 0;

  constructor(parameters: RttParameters, state: RttState | null = null) {
    this.#parameters = parameters;
    this.#state = state;
  }

  /** null before the first sample */
  get state(): Readonly<RttState> | null {
    return this.#state;
  }

  /** The timeout in ms, within [minRto, persistTimeout]. */
  get rto(): number {
    const { initialRto, minRto, persistTimeout } = this.#parameters;
    const base = this.#state === null ? initialRto : this.#state.smoothed + 4 * this.#state.variation;
    return Math.min(Math.max(base, minRto) * 2 ** this.#shift, persistTimeout);
  }

  /** One measurement, from a packet that was sent once only (Karn). It also ends the back-off. */
  sample(rtt: number): void {
    this.#shift = 0;
    if (this.#state === null) {
      this.#state = { smoothed: rtt, variation: rtt / 2 };
      return;
    }
    this.#state.variation += (Math.abs(rtt - this.#state.smoothed) - this.#state.variation) / 4;
    this.#state.smoothed += (rtt - this.#state.smoothed) / 8;
  }

  /**
   * Doubles the timeout until the next sample (RFC 6298 section 5.5). Without it a queue that grows beyond the timeout would have every
   * packet sent twice, and Karn's rule would then keep the timeout from ever learning.
   */
  backOff(): void {
    if (this.rto < this.#parameters.persistTimeout) this.#shift += 1;
  }
}
