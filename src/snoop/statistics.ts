/** What an agent counts; packets unless said otherwise. */
export function newStatistics() {
  return {
    /** from the fixed hosts, with payload or FIN */
    data: 0,
    cached: 0,
    /** the sender sent a cached packet again */
    senderRetransmissions: 0,
    /** below the highest octet seen and not cached: late, or lost on the wired way */
    outOfOrder: 0,
    /** octets the mobile has acknowledged already */
    alreadyAcked: 0,
    /** forwarded uncached: no room for it */
    cacheFull: 0,
    /** forwarded uncached: the wireless queue is full */
    queueFull: 0,
    /** far outside of any window: the connection is forgotten */
    strange: 0,
    /** ACKs of known connections */
    acks: 0,
    newAcks: 0,
    staleAcks: 0,
    /** same number, but with payload, FIN, another window or none: not a duplicate */
    updates: 0,
    /** acknowledges what never passed here: the connection is forgotten */
    unseenAcks: 0,
    duplicatesForwarded: 0,
    duplicatesSuppressed: 0,
    /** of the duplicates, those with SACK blocks */
    duplicatesWithSack: 0,
    retransmittedOnDuplicates: 0,
    retransmittedOnTimer: 0,
    retransmittedOnPersist: 0,
    /** connections */
    opened: 0,
    /** data packets of connections there was no place for */
    refused: 0,
    /** connections forgotten after they idled */
    collected: 0,
    /** connections that ended: SYN, RST, or all acknowledged up to the FIN */
    ended: 0,
    /** connections handed over at a handoff, and taken over */
    exported: 0,
    imported: 0,
  };
}

export type SnoopStatistics = ReturnType<typeof newStatistics>;
