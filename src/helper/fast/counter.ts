/** What the fast loops tell of each packet; it must cost next to nothing. */
export interface PacketCounter {
  /** octets of the inner packet, and of the IP packet on the wire */
  packet(innerOctets: number, wireOctets: number): void;
  refuse(reason: string): void;
}

/** IPv4 and UDP header */
export const WIRE_HEADERS = 28;
