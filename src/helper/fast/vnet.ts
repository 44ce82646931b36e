/**
 * struct virtio_net_hdr before every packet of a TUN interface with IFF_VNET_HDR (linux/virtio_net.h): flags, GSO type, length of the headers,
 * segment size, where the checksum starts, where it goes from there. Numbers are in the machine's order, which here is little-endian.
 */

export const VNET_HEADER = 10;
/** the checksum from `checksumStart` on is still to be made; its place holds the sum of the pseudo header */
export const NEEDS_CHECKSUM = 1;
export const GSO_NONE = 0;
export const GSO_TCP4 = 1;
/** beside the GSO type: CWR is for the first segment only */
export const GSO_ECN = 0x80;

export interface VnetHeader {
  flags: number;
  gsoType: number;
  headerLength: number;
  gsoSize: number;
  checksumStart: number;
  checksumOffset: number;
}

const le16 = (b: Uint8Array, at: number): number => b[at]! | (b[at + 1]! << 8);

/** Reads the header at the beginning of `b`, which has at least VNET_HEADER octets, to `into`. */
export function readVnet(b: Uint8Array, into: VnetHeader): void {
  into.flags = b[0]!;
  into.gsoType = b[1]!;
  into.headerLength = le16(b, 2);
  into.gsoSize = le16(b, 4);
  into.checksumStart = le16(b, 6);
  into.checksumOffset = le16(b, 8);
}

/** Writes a header to `b` at `at`. */
export function writeVnet(b: Uint8Array, at: number, header: VnetHeader): void {
  b[at] = header.flags;
  b[at + 1] = header.gsoType;
  let place = at + 2;
  for (const value of [header.headerLength, header.gsoSize, header.checksumStart, header.checksumOffset]) {
    b[place] = value;
    b[place + 1] = value >>> 8;
    place += 2;
  }
}
