/**
 * The first 32 octets of every UDP payload roamlab sends, big endian:
 *
 *   0  magic "RLAB" | 4 version 1 (u8), 3 reserved | 8 flow index (u32) | 12 sequence number (u32, from 0)
 *   16 sent: Unix seconds (u64) | 24 sent: nanoseconds (u32) | 28 reserved
 */
export const HEADER_LENGTH = 32;
export const MAGIC = 0x524c4142;

/** Writes everything but the stamp and the sequence number; the rest of the payload stays as it is. */
export function initPayload(buffer: Buffer, flow: number): void {
  buffer.writeUInt32BE(MAGIC, 0);
  buffer.writeUInt8(1, 4);
  buffer.writeUInt32BE(flow, 8);
}

/** Stamps one packet. */
export function stampPayload(buffer: Buffer, sequence: number, seconds: number, nanoseconds: number): void {
  buffer.writeUInt32BE(sequence, 12);
  buffer.writeUInt32BE(Math.floor(seconds / 0x1_0000_0000), 16);
  buffer.writeUInt32BE(seconds >>> 0, 20);
  buffer.writeUInt32BE(nanoseconds, 24);
}

/** Sequence number and sending time (ns since `epoch`), or null when the payload is not ours. */
export function readPayload(buffer: Buffer, length: number, epoch: number): { flow: number; sequence: number; sent: number } | null {
  if (length < HEADER_LENGTH || buffer.readUInt32BE(0) !== MAGIC || buffer.readUInt8(4) !== 1) return null;
  const seconds = buffer.readUInt32BE(16) * 0x1_0000_0000 + buffer.readUInt32BE(20);
  return { flow: buffer.readUInt32BE(8), sequence: buffer.readUInt32BE(12), sent: (seconds - epoch) * 1e9 + buffer.readUInt32BE(24) };
}
