/** SCTP's socket options (RFC 6458; linux/sctp.h for the numbers), and whether this kernel speaks SCTP and MPTCP at all. */
import { RoamlabError } from '../types/errors.ts';
import { errnoText } from './errno.ts';
import { AF, call, close, errno, SOCK, setOption, socket, socketAddress } from './libc.ts';
import { IPPROTO_MPTCP, IPPROTO_SCTP } from './stream-socket.ts';

const setsockopt = call('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)');

const SOL_SCTP = 132;
const SCTP_NODELAY = 3;
const SCTP_SET_PEER_PRIMARY_ADDR = 5;
const SCTP_PRIMARY_ADDR = 6;
const BINDX = { add: 100, delete: 101 } as const;
const SOCKADDR_STORAGE = 128;

/** The argument of sctp_bindx(): socket addresses one after the other, each as long as its family has it. */
export const packAddresses = (addresses: readonly string[], port: number): Buffer =>
  Buffer.concat(addresses.map((address) => socketAddress(address, port)));

/** struct sctp_prim and struct sctp_setpeerprim: association (0: the socket's one) and a sockaddr_storage, packed. */
export function packPrimary(address: string, port: number): Buffer {
  const value = Buffer.alloc(4 + SOCKADDR_STORAGE);
  value.set(socketAddress(address, port), 4);
  return value;
}

/** 0 or -errno. */
function set(fd: number, name: number, value: Uint8Array): number {
  return setsockopt(fd, SOL_SCTP, name, value, value.length) < 0 ? -errno() : 0;
}

export const sctpNoDelay = (fd: number): void => setOption(fd, SOL_SCTP, SCTP_NODELAY, 1);

/**
 * Adds addresses to a bound socket or takes them away (RFC 6458 section 9.1); of an association that stands the peer is told (RFC 5061).
 * `port` is the socket's own. Returns 0 or -errno.
 */
export const bindx = (fd: number, action: 'add' | 'delete', addresses: readonly string[], port: number): number =>
  set(fd, BINDX[action], packAddresses(addresses, port));

/** Sends to this address of the peer while it can be reached (RFC 6458 section 8.1.9). Returns 0 or -errno. */
export const setPrimary = (fd: number, address: string, port: number): number => set(fd, SCTP_PRIMARY_ADDR, packPrimary(address, port));

/** Asks the peer to send to this address of ours (RFC 6458 section 8.3.1, RFC 5061 section 4.2.4). Returns 0 or -errno. */
export const setPeerPrimary = (fd: number, address: string, port: number): number =>
  set(fd, SCTP_SET_PEER_PRIMARY_ADDR, packPrimary(address, port));

/** Opening a socket loads the module behind it, and its settings below /proc/sys/net appear. */
function load(name: string, protocol: number, symbol: string): void {
  try {
    close(socket(AF.INET, SOCK.STREAM, protocol));
  } catch {
    throw new RoamlabError(`E_${name}`, 3, `this kernel has no ${name}: ${errnoText(-errno())}`, {
      hint: `it needs ${symbol}; the guest has it (\`--backend vm\`)`,
    });
  }
}

/** Loads SCTP, so that net.sctp.* can be set. Throws E_SCTP (exit 3). */
export const loadSctp = (): void => load('SCTP', IPPROTO_SCTP, 'CONFIG_IP_SCTP');

/** Throws E_MPTCP (exit 3) when there is no MPTCP, or it is turned off. */
export const loadMptcp = (): void => load('MPTCP', IPPROTO_MPTCP, 'CONFIG_MPTCP and net.mptcp.enabled=1');
