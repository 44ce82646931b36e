/** rtnetlink messages octet by octet (man 7 rtnetlink), as the kernel sends them. */
export const TYPE = { NEWLINK: 16, DELLINK: 17, NEWADDR: 20, DELADDR: 21, NEWROUTE: 24, DELROUTE: 25, NEWQDISC: 36, DELQDISC: 37 } as const;

const u16 = (n: number): Buffer => {
  const b = Buffer.alloc(2);
  b.writeUInt16LE(n);
  return b;
};
const u32 = (n: number): Buffer => {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(n);
  return b;
};
const padded = (b: Buffer): Buffer => Buffer.concat([b, Buffer.alloc((4 - (b.length % 4)) % 4)]);

export const attribute = (type: number, value: Buffer): Buffer => padded(Buffer.concat([u16(4 + value.length), u16(type), value]));

export function message(type: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return padded(Buffer.concat([u32(16 + body.length), u16(type), u16(0), u32(0), u32(0), body]));
}

const IFLA_MTU = 4;
const IFLA_IFNAME = 3;

/** struct ifinfomsg, a stranger's attribute, then the name. */
export const link = (type: number, name: string, flags: number): Buffer =>
  message(
    type,
    Buffer.from([0, 0, 1, 0]),
    u32(7),
    u32(flags),
    u32(0),
    attribute(IFLA_MTU, u32(1500)),
    attribute(IFLA_IFNAME, Buffer.from(`${name}\0`)),
  );

/** Octets of an address literal: dotted IPv4, or eight full IPv6 groups. */
export const octets = (address: string): Buffer =>
  address.includes(':')
    ? Buffer.from(
        address
          .split(':')
          .map((g) => g.padStart(4, '0'))
          .join(''),
        'hex',
      )
    : Buffer.from(address.split('.').map(Number));

/** struct ifaddrmsg with IFA_ADDRESS and, for IPv4, IFA_LOCAL. `peer` differs from the address on point-to-point links. */
export const address = (type: number, text: string, bits: number, peer = text): Buffer => {
  const v6 = text.includes(':');
  const local = v6 ? [] : [attribute(2, octets(text))];
  return message(type, Buffer.from([v6 ? 10 : 2, bits, 0, 0]), u32(7), attribute(1, octets(peer)), ...local);
};

/** struct rtmsg; no destination is the default route. */
export const route = (type: number, destination: string | null, bits: number): Buffer => {
  const family = destination?.includes(':') ? 10 : 2;
  const to = destination === null ? [] : [attribute(1, octets(destination))];
  return message(type, Buffer.from([family, bits, 0, 0, 254, 3, 0, 1]), u32(0), ...to, attribute(4, u32(7)));
};

/** struct tcmsg. */
export const qdisc = (type: number): Buffer => message(type, Buffer.alloc(20), attribute(1, Buffer.from('netem\0')));

export const UP = 0x1;
export const LOWER_UP = 0x10000;
