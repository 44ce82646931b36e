/** Reading rtnetlink notifications (man 7 rtnetlink): just enough to say what changed, in words. */

const TYPE = { 16: 'link', 17: 'link', 20: 'address', 21: 'address', 24: 'route', 25: 'route', 36: 'qdisc', 37: 'qdisc' } as const;
const IFF_UP = 1;
const IFF_LOWER_UP = 0x10000;

/** Multicast groups as the bind() mask: LINK, TC, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR, IPV6_ROUTE. */
export const GROUPS = 0x1 | 0x8 | 0x10 | 0x40 | 0x100 | 0x400;

function attributes(bytes: Buffer, from: number, to: number): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = from; at + 4 <= to; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > to) break;
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}

const text = (bytes: Buffer | undefined): string => bytes?.toString('latin1').replace(/\0.*$/s, '') ?? '?';

/** An address literal in the one form this room compares: IPv6 as RFC 5952 writes it, which is what URLs use. */
export function canonicalAddress(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

function addressText(bytes: Buffer | undefined): string {
  if (bytes?.length === 4) return [...bytes].join('.');
  if (bytes?.length !== 16) return '?';
  return canonicalAddress((bytes.toString('hex').match(/.{4}/g) ?? []).join(':'));
}

/** What each message of one datagram says: `link eth1 down`, `address del 10.0.0.1/24`, `route add default`, `qdisc add`. */
export function describe(datagram: Buffer): string[] {
  const said: string[] = [];
  for (let at = 0; at + 16 <= datagram.length; ) {
    const length = datagram.readUInt32LE(at);
    if (length < 16 || at + length > datagram.length) break;
    const type = datagram.readUInt16LE(at + 4);
    const kind = TYPE[type as keyof typeof TYPE];
    const body = at + 16;
    const end = at + length;
    const verb = type % 2 === 0 ? 'add' : 'del';
    if (kind === 'link' && length >= 32) {
      const flags = datagram.readUInt32LE(body + 8);
      const name = text(attributes(datagram, body + 16, end).get(3));
      const state = verb === 'del' ? 'gone' : flags & IFF_UP ? (flags & IFF_LOWER_UP ? 'up' : 'up no-carrier') : 'down';
      said.push(`link ${name} ${state}`);
    } else if (kind === 'address' && length >= 24) {
      const found = attributes(datagram, body + 8, end);
      said.push(`address ${verb} ${addressText(found.get(2) ?? found.get(1))}/${datagram.readUInt8(body + 1)}`);
    } else if (kind === 'route' && length >= 28) {
      const destination = attributes(datagram, body + 12, end).get(1);
      const bits = datagram.readUInt8(body + 1);
      said.push(`route ${verb} ${destination === undefined ? 'default' : `${addressText(destination)}/${bits}`}`);
    } else if (kind === 'qdisc') {
      said.push(`qdisc ${verb}`);
    }
    at += (length + 3) & ~3;
  }
  return said;
}
