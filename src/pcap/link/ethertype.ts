/** EtherTypes, with any stack of 802.1Q and 802.1ad tags in front of IP. */
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const CUSTOMER_TAG = 0x8100;
const SERVICE_TAG = 0x88a8;
/** what switches used for stacked tags before 802.1ad */
const OLD_SERVICE_TAG = 0x9100;

/** Follows the tags from the EtherType at `typeAt` whose payload starts at `at`; offset of IP or -1. */
export function afterEtherType(b: Buffer, typeAt: number, at: number): number {
  while (at <= b.length) {
    const type = (b[typeAt]! << 8) | b[typeAt + 1]!;
    if (type === IPV4 || type === IPV6) return at < b.length && b[at]! >> 4 === (type === IPV4 ? 4 : 6) ? at : -1;
    if (type !== CUSTOMER_TAG && type !== SERVICE_TAG && type !== OLD_SERVICE_TAG) return -1;
    typeAt = at + 2;
    at += 4;
  }
  return -1;
}
