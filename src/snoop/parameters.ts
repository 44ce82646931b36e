/** What an agent can be told: Table 4 of the MML-IPsec paper (Choi et al., WINET 2007), and its values. */
export interface SnoopParameters {
  /** packets cached for one connection, at most */
  maxWindow: number;
  /** connections followed at once; the others pass untouched */
  maxConnections: number;
  /** local retransmissions of one packet ("retransmission threshold"); after them its duplicate ACKs go to the sender */
  maxRxmit: number;
  /** duplicate ACKs let through before the agent acts: with 1 it acts on the second. At 3 and above the sender acts first. */
  dupThresh: number;
  /** ms, until the first round-trip time is known */
  initialRto: number;
  /** ms */
  minRto: number;
  /** ms without a packet from either side, after which all cached packets are sent again; also the longest local timeout */
  persistTimeout: number;
  /** ms without a packet from either side, after which the connection is forgotten */
  garbageTimeout: number;
}

export const TABLE_4: Readonly<SnoopParameters> = {
  maxWindow: 50,
  maxConnections: 64,
  maxRxmit: 4,
  dupThresh: 1,
  initialRto: 100,
  minRto: 100,
  persistTimeout: 1000,
  garbageTimeout: 10_000,
};

const COUNTS = ['maxWindow', 'maxConnections', 'maxRxmit', 'dupThresh'] as const;
const TIMES = ['initialRto', 'minRto', 'persistTimeout', 'garbageTimeout'] as const;
/** A count above is a slip, and would let a table grow without bound. */
const MOST = 65_535;

/**
 * The values of Table 4 with some of them changed. RangeError, with the parameter's name: a count that is no integer in [0, 65535] (the
 * window and the connections at least 1), a time that is below 1 ms or not finite, or a persist timeout below the smallest RTO.
 */
export function snoopParameters(changes: Partial<SnoopParameters> = {}): SnoopParameters {
  const all = { ...TABLE_4, ...changes };
  for (const name of COUNTS) {
    const least = name === 'maxWindow' || name === 'maxConnections' ? 1 : 0;
    if (!Number.isInteger(all[name]) || all[name] < least || all[name] > MOST) {
      throw new RangeError(`${name} is ${all[name]}: it must be an integer from ${least} to ${MOST}`);
    }
  }
  for (const name of TIMES) {
    if (!Number.isFinite(all[name]) || all[name] < 1) throw new RangeError(`${name} is ${all[name]}: it must be at least 1 ms`);
  }
  if (all.persistTimeout < all.minRto) throw new RangeError('persistTimeout is below minRto: the local timer could never run');
  return all;
}
