/**
 * The first 32 octets of every UDP payload roamlab sends, big endian:
 *
 *   0  magic "RLAB" | 4 version 1 (u8), 3 reserved | 8 flow index (u32) | 12 sequence number (u32, from 0)
 *   16 sent: Unix seconds (u64) | 24 sent: nanoseconds (u32) | 28 reserved
 */
export const HEADER_LENGTH = 32;
export const MAGIC = 0x524c4142;
