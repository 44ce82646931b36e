/** Writes capture files octet by octet, independently of the reader. */

export interface Record {
  seconds: number;
  /** µs or ns, whatever the file's resolution is */
  fraction: number;
  data: Uint8Array;
  /** length on the wire, when longer than `data` */
  length?: number;
}

export interface PcapOptions {
  nanos?: boolean;
  little?: boolean;
  linkType?: number;
}

const put = (little: boolean) => ({
  u16: (value: number) => {
    const b = Buffer.alloc(2);
    if (little) b.writeUInt16LE(value);
    else b.writeUInt16BE(value);
    return b;
  },
  u32: (value: number) => {
    const b = Buffer.alloc(4);
    if (little) b.writeUInt32LE(value >>> 0);
    else b.writeUInt32BE(value >>> 0);
    return b;
  },
});

/** A classic pcap 2.4. */
export function pcapFile(records: Record[], { nanos = true, little = true, linkType = 1 }: PcapOptions = {}): Buffer {
  const { u16, u32 } = put(little);
  const header = [u32(nanos ? 0xa1b23c4d : 0xa1b2c3d4), u16(2), u16(4), u32(0), u32(0), u32(262144), u32(linkType)];
  const body = records.flatMap(({ seconds, fraction, data, length }) => [
    u32(seconds),
    u32(fraction),
    u32(data.length),
    u32(length ?? data.length),
    data,
  ]);
  return Buffer.concat([...header, ...body]);
}

export interface NgInterface {
  linkType?: number;
  snapLength?: number;
  /** octet of if_tsresol */
  resolution?: number;
  /** seconds, if_tsoffset */
  offset?: number;
}

const padded = (data: Uint8Array) => Buffer.concat([data, Buffer.alloc(-data.length & 3)]);

/** Blocks of a pcapng section in one byte order. */
export function pcapngBlocks(little: boolean) {
  const { u16, u32 } = put(little);
  const block = (type: number, ...body: Uint8Array[]) => {
    const content = padded(Buffer.concat(body));
    return Buffer.concat([u32(type), u32(content.length + 12), content, u32(content.length + 12)]);
  };
  const option = (code: number, value: Uint8Array) => Buffer.concat([u16(code), u16(value.length), padded(value)]);
  const stamp = (ticks: bigint) => [u32(Number(ticks >> 32n)), u32(Number(ticks & 0xffffffffn))];
  return {
    block,
    section: () => block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)),
    interface: ({ linkType = 1, snapLength = 0, resolution, offset }: NgInterface = {}) => {
      const options: Buffer[] = [option(2, Buffer.from('eth0'))];
      if (resolution !== undefined) options.push(option(9, Buffer.of(resolution)));
      if (offset !== undefined) {
        const value = Buffer.alloc(8);
        if (little) value.writeBigInt64LE(BigInt(offset));
        else value.writeBigInt64BE(BigInt(offset));
        options.push(option(14, value));
      }
      return block(1, u16(linkType), u16(0), u32(snapLength), ...options, u32(0));
    },
    enhanced: (index: number, ticks: bigint, data: Uint8Array, length = data.length) =>
      block(6, u32(index), ...stamp(ticks), u32(data.length), u32(length), padded(data), option(1, Buffer.from('a comment')), u32(0)),
    obsolete: (index: number, ticks: bigint, data: Uint8Array) =>
      block(2, u16(index), u16(0), ...stamp(ticks), u32(data.length), u32(data.length), padded(data)),
    simple: (data: Uint8Array, length = data.length) => block(3, u32(length), padded(data)),
  };
}
