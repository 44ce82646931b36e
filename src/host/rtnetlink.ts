/**
 * The three rtnetlink requests that every node of a lab needs, in one go and without a process: interface up, address,
 * dummy interface. Messages are what iproute2 sends for the same words (rtnetlink(7)); the kernel answers each at once.
 */
import { isIPv6 } from 'node:net';
import { errnoText } from './errno.ts';
import { AF, bind, close, interfaceIndex, receive, SOCK, sendTo, socket, socketAddress } from './libc.ts';

export type LinkRequest =
  | { set: 'up'; dev: string }
  /** CIDR; IPv6 addresses skip duplicate address detection */
  | { set: 'address'; dev: string; address: string }
  | { set: 'dummy'; dev: string; mac: string };

/** The request as a line of `ip -batch`. */
export function requestLine(request: LinkRequest): string {
  switch (request.set) {
    case 'up':
      return `link set dev ${request.dev} up`;
    case 'address':
      return `addr add ${request.address} dev ${request.dev}${request.address.includes(':') ? ' nodad' : ''}`;
    case 'dummy':
      return `link add name ${request.dev} address ${request.mac} type dummy`;
  }
}

const RTM = { NEWLINK: 16, NEWADDR: 20 } as const;
const REQUEST_ACK = 0x5;
const CREATE_EXCL = 0x600;
const IFLA = { ADDRESS: 1, IFNAME: 3, LINKINFO: 18, KIND: 1 } as const;
const IFA = { ADDRESS: 1, LOCAL: 2 } as const;
const IFA_F_NODAD = 0x02;
const IFF_UP = 1;

function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3);
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, 4);
  return bytes;
}

/** struct ifinfomsg; the interface is named by attribute, so its index is 0. */
function link(name: string, flags: number, ...attributes: Buffer[]): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(flags, 8);
  head.writeUInt32LE(flags, 12);
  return Buffer.concat([head, attribute(IFLA.IFNAME, Buffer.from(`${name}\0`)), ...attributes]);
}

/** struct ifaddrmsg. */
function address(index: number, cidr: string): Buffer {
  const [host = '', bits] = cidr.split('/');
  const six = isIPv6(host);
  const bytes = six ? socketAddress(host, 0).subarray(8, 24) : socketAddress(host, 0).subarray(4, 8);
  const head = Buffer.alloc(8);
  head.set([six ? AF.INET6 : AF.INET, Number(bits ?? bytes.length * 8), six ? IFA_F_NODAD : 0, host.startsWith('127.') ? 254 : 0]);
  head.writeUInt32LE(index, 4);
  return Buffer.concat([head, attribute(IFA.LOCAL, bytes), attribute(IFA.ADDRESS, bytes)]);
}

function message(fd: number, request: LinkRequest): Buffer | number {
  let [type, flags, body]: [number, number, Buffer] = [RTM.NEWLINK, REQUEST_ACK, Buffer.alloc(0)];
  if (request.set === 'up') body = link(request.dev, IFF_UP);
  else if (request.set === 'dummy') {
    flags |= CREATE_EXCL;
    const mac = Buffer.from(request.mac.replaceAll(':', ''), 'hex');
    const kind = attribute(IFLA.KIND, Buffer.from('dummy'));
    body = link(request.dev, 0, attribute(IFLA.ADDRESS, mac), attribute(IFLA.LINKINFO, kind));
  } else {
    const index = interfaceIndex(fd, request.dev);
    if (index < 0) return index;
    [type, flags, body] = [RTM.NEWADDR, flags | CREATE_EXCL, address(index, request.address)];
  }
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + body.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags, 6);
  return Buffer.concat([head, body]);
}

const KERNEL = Buffer.from([AF.NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const answer = Buffer.alloc(8192);

/** Sends one message and reads its NLMSG_ERROR; 0, or -errno. The kernel has answered when sendto returns. */
function transact(fd: number, request: LinkRequest): number {
  const bytes = message(fd, request);
  if (typeof bytes === 'number') return bytes;
  const sent = sendTo(fd, bytes, KERNEL);
  if (sent < 0) return sent;
  const got = receive(fd, answer);
  if (got < 20) throw new Error(`rtnetlink did not answer ${requestLine(request)}`);
  return answer.readInt32LE(16);
}

/** Carries the requests out in order, in the calling thread's network namespace. Throws the line the kernel refused and why. */
export function configureLinks(requests: readonly LinkRequest[]): void {
  const fd = socket(AF.NETLINK, SOCK.RAW, 0);
  try {
    bind(fd, KERNEL);
    for (const request of requests) {
      const code = transact(fd, request);
      if (code < 0) throw new Error(`${requestLine(request)}: ${errnoText(code)}`);
    }
  } finally {
    close(fd);
  }
}
