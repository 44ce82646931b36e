/**
 * Addresses as text, remembered: a capture has few addresses and many packets. The memory is emptied when a hostile
 * file fills it.
 */
import { SocketAddress } from 'node:net';

const LIMIT = 65_536;

function remember<K>(memory: Map<K, string>, key: K, text: string): string {
  if (memory.size >= LIMIT) memory.clear();
  memory.set(key, text);
  return text;
}

const v4 = new Map<number, string>();

/** Dotted quad of the 4 octets at `at`. */
export function ipv4Text(b: Buffer, at: number): string {
  const key = ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
  return v4.get(key) ?? remember(v4, key, `${b[at]}.${b[at + 1]}.${b[at + 2]}.${b[at + 3]}`);
}

const v6 = new Map<string, string>();

/** Text of the 16 octets at `at` as inet_ntop writes it (RFC 5952). */
export function ipv6Text(b: Buffer, at: number): string {
  const key = b.toString('latin1', at, at + 16);
  const known = v6.get(key);
  if (known !== undefined) return known;
  const groups = b.toString('hex', at, at + 16).match(/.{4}/g)!;
  return remember(v6, key, new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address);
}

const macs = new Map<number, string>();

/** `aa:bb:cc:dd:ee:ff` of the 6 octets at `at`. */
export function macText(b: Buffer, at: number): string {
  const high = (b[at]! << 8) | b[at + 1]!;
  const low = ((b[at + 2]! << 24) | (b[at + 3]! << 16) | (b[at + 4]! << 8) | b[at + 5]!) >>> 0;
  const key = high * 2 ** 32 + low;
  return (
    macs.get(key) ??
    remember(
      macs,
      key,
      b
        .toString('hex', at, at + 6)
        .match(/../g)!
        .join(':'),
    )
  );
}
