/** What the models send each other: TCP headers as they are on the wire, and an id as a sealed packet has one. */
export interface Segment {
  id: number;
  octets: number;
  /** 32 bits */
  seq: number;
  payload: Uint8Array;
  fin: boolean;
}

export interface Ack {
  octets: number;
  /** 32 bits */
  ack: number;
  window: number;
}
