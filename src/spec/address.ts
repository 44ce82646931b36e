/** IPv4 and IPv6 addresses and prefixes as numbers: parse, compare, contain. */
import { isIP } from 'node:net';

export interface Prefix {
  family: 4 | 6;
  /** canonical address text */
  address: string;
  value: bigint;
  bits: number;
  /** first and last address of the network */
  first: bigint;
  last: bigint;
}

function ipv4(text: string): bigint {
  return text.split('.').reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

function ipv6(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? 0n : ipv4(dotted[2]!);
  const hex = dotted === null ? text : `${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [left, right] = hex.split('::') as [string, string | undefined];
  const words = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const head = words(left);
  const end = words(right);
  const all = [...head, ...Array<string>(right === undefined ? 0 : 8 - head.length - end.length).fill('0'), ...end];
  return all.reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n);
}

/** `10.1.0.2/24`, or `10.1.0.2` as a host prefix. null: not an address. Zone identifiers are refused. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const family = host.includes('%') ? 0 : isIP(host);
  if (family !== 4 && family !== 6) return null;
  const width = family === 4 ? 32 : 128;
  if (slash >= 0 && !/^(0|[1-9]\d{0,2})$/.test(text.slice(slash + 1))) return null;
  const bits = slash < 0 ? width : Number(text.slice(slash + 1));
  if (bits > width) return null;
  const value = family === 4 ? ipv4(host) : ipv6(host);
  const mask = (1n << BigInt(width - bits)) - 1n;
  const first = value & ~mask;
  return { family, address: host.toLowerCase(), value, bits, first, last: first | mask };
}

/** Whether the two networks share an address. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Whether all of `inner`'s network lies in `outer`. */
export function contains(outer: Prefix, inner: Prefix): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** The address alone, as a /32 or /128. */
export function host(prefix: Prefix): Prefix {
  return { ...prefix, bits: prefix.family === 4 ? 32 : 128, first: prefix.value, last: prefix.value };
}

export function sameAddress(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.value === b.value;
}

export function sameNetwork(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.bits === b.bits && a.first === b.first;
}

/** `0.0.0.0`, loopback, multicast and class E cannot be given to an interface of a lab. */
export function isUnicast(prefix: Prefix): boolean {
  if (prefix.family === 6) return prefix.value > 1n && prefix.value >> 120n !== 0xffn;
  const top = prefix.value >> 24n;
  return top !== 0n && top !== 127n && top < 224n;
}

/** The network's own or broadcast address, where it has one (RFC 3021 exempts /31). */
export function isReservedHost(prefix: Prefix): boolean {
  return prefix.family === 4 && prefix.bits < 31 && (prefix.value === prefix.first || prefix.value === prefix.last);
}
