/** What a packet of SCTP (RFC 9260) says; its ports are those of its Packet. TSNs, tags and serials are unsigned 32-bit. */

export interface SctpInfo {
  /** verification tag; 0 in a packet with INIT */
  tag: number;
  /** CRC32c; null when it cannot be told: octets are missing, or the field is 0 (offload, RFC 9653) */
  checksum: boolean | null;
  /** in order, to the end of the packet or the first malformed one */
  chunks: SctpChunk[];
}

export interface SctpChunk {
  type: number;
  /** as the IANA registry has it (`INIT-ACK`), or the number as text */
  name: string;
  flags: number;
  /** as the chunk states it: with the 4 octets of its header, without padding */
  length: number;
  /** null for types without content or known by name only, and when malformed; DATA keeps it when only its end was not captured */
  content: SctpContent | null;
  /** why the chunk does not hold; it is the last one then */
  malformed: string | null;
}

export type SctpContent =
  | SctpInit
  | SctpData
  | SctpSack
  | SctpHeartbeat
  | SctpErrors
  | SctpShutdown
  | SctpCookie
  | SctpAsconf
  | SctpAsconfAck
  | SctpForwardTsn;

/** INIT and INIT-ACK */
export interface SctpInit {
  kind: 'init';
  /** what the peer shall put in front of its packets */
  initiateTag: number;
  /** advertised receiver window, octets */
  rwnd: number;
  outboundStreams: number;
  inboundStreams: number;
  tsn: number;
  addresses: string[];
  /** chunk types of the Supported Extensions parameter (RFC 5061 section 4.2.7) */
  extensions: number[];
  /** all of them in order, `length` as stated: with the 4 octets of the header */
  parameters: { type: number; name: string; length: number }[];
}

export interface SctpData {
  kind: 'data';
  tsn: number;
  stream: number;
  ssn: number;
  /** payload protocol identifier */
  ppid: number;
  begin: boolean;
  end: boolean;
  unordered: boolean;
  /** octets of user data sent; `payload` is what was captured of them */
  octets: number;
  payload: Uint8Array;
}

export interface SctpSack {
  kind: 'sack';
  cumulativeTsn: number;
  rwnd: number;
  /** offsets from the cumulative TSN, both ends included */
  gaps: { start: number; end: number }[];
  duplicates: number[];
}

/** HEARTBEAT and HEARTBEAT-ACK */
export interface SctpHeartbeat {
  kind: 'heartbeat';
  /** octets of heartbeat information */
  octets: number;
}

export interface SctpCause {
  code: number;
  name: string;
  /** with the 4 octets of its header */
  length: number;
}

/** ABORT and ERROR */
export interface SctpErrors {
  kind: 'errors';
  causes: SctpCause[];
}

export interface SctpShutdown {
  kind: 'shutdown';
  cumulativeTsn: number;
}

/** COOKIE-ECHO */
export interface SctpCookie {
  kind: 'cookie';
  octets: number;
}

/** ASCONF (RFC 5061 section 4.1.1) */
export interface SctpAsconf {
  kind: 'asconf';
  serial: number;
  /** an address of the sender that the association already has */
  address: string;
  requests: {
    type: number;
    /** `Add IP Address`, `Delete IP Address`, `Set Primary IP Address`, or the number as text */
    name: string;
    correlation: number;
    /** 0.0.0.0 or :: for the address the packet came from; null in an unknown request */
    address: string | null;
  }[];
}

/** ASCONF-ACK (RFC 5061 section 4.1.2) */
export interface SctpAsconfAck {
  kind: 'asconf-ack';
  serial: number;
  /** requests without a response succeeded too (RFC 5061 section 5.2) */
  responses: { type: number; name: string; correlation: number; success: boolean; causes: SctpCause[] }[];
}

/** FORWARD-TSN (RFC 3758 section 3.2) */
export interface SctpForwardTsn {
  kind: 'forward-tsn';
  tsn: number;
  streams: { stream: number; ssn: number }[];
}
