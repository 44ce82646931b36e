/**
 * Sets of addresses and prefixes. Node's BlockList does the comparing, so `2001:db8::1` and `2001:DB8:0::1` are one
 * address; answers are kept because a run asks about the same few addresses ten thousand times.
 */
import { BlockList, isIP } from 'node:net';

export class AddressSet {
  readonly #list = new BlockList();
  readonly #known = new Map<string, boolean>();
  /** false until something valid was added */
  empty = true;

  constructor(members: Iterable<string> = []) {
    for (const member of members) this.add(member);
  }

  /** Takes an address or a CIDR prefix; ignores text that is neither (it can match no packet). */
  add(member: string): void {
    const [address = '', length] = member.split('/');
    const version = isIP(address);
    if (version === 0) return;
    const bits = length === undefined ? (version === 4 ? 32 : 128) : Number(length);
    if (!Number.isInteger(bits) || bits < 0 || bits > (version === 4 ? 32 : 128)) return;
    this.#list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
    this.#known.clear();
    this.empty = false;
  }

  has(address: string): boolean {
    let answer = this.#known.get(address);
    if (answer === undefined) {
      const version = isIP(address);
      answer = version !== 0 && this.#list.check(address, version === 4 ? 'ipv4' : 'ipv6');
      this.#known.set(address, answer);
    }
    return answer;
  }
}

/** `10.0.0.1/24` -> `10.0.0.1`. */
export function withoutPrefix(cidr: string): string {
  return cidr.split('/')[0] ?? cidr;
}

/** True for multicast and limited broadcast destinations, which are never protected by a unicast SA. */
export function isMulticast(address: string): boolean {
  return multicast.has(address);
}
const multicast = new AddressSet(['224.0.0.0/4', '255.255.255.255', 'ff00::/8']);
