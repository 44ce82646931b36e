/**
 * bpf(2): maps, programs and where they are attached. What is made here lives as long as its descriptor: it goes with this process, however
 * it ends.
 */
import koffi from 'koffi';
import { errnoText } from './errno.ts';
import { call, close, errno } from './libc.ts';

const NUMBERS: Partial<Record<NodeJS.Architecture, number>> = { x64: 321, arm64: 280, riscv64: 280 };
const syscall = call('long syscall(long number, int command, void *attributes, unsigned int size)');

const MAP_CREATE = 0;
const MAP_LOOKUP = 1;
const MAP_UPDATE = 2;
const PROG_LOAD = 5;
const LINK_CREATE = 28;
const MAP_TYPE_ARRAY = 2;
const PROG_TYPE_XDP = 6;
const ATTACH_XDP = 37;
/** of a program that takes packets in fragments: without it veth refuses an MTU that does not fit a page */
const HAS_FRAGS = 1 << 5;
const XDP_DRIVER_MODE = 1 << 2;
const ATTRIBUTES = 128;
const LOG_ROOM = 65_536;

/** Octets the kernel can be told the address of: outside of the heap, and freed when `inside` returns. */
function withMemory<T>(length: number, inside: (octets: Buffer, address: bigint) => T): T {
  const memory = koffi.alloc('uint8_t', length);
  try {
    return inside(Buffer.from(koffi.view(memory, length)).fill(0), BigInt(koffi.address(memory)));
  } finally {
    koffi.free(memory);
  }
}

/** One command; `fill` writes union bpf_attr. Its result, or -errno. */
function bpf(command: number, fill: (attributes: Buffer) => void): number {
  const number = NUMBERS[process.arch];
  if (number === undefined) throw new Error(`bpf: the number of this system call on ${process.arch} is not known`);
  const attributes = Buffer.alloc(ATTRIBUTES);
  fill(attributes);
  const result = Number(syscall(number, command, attributes, ATTRIBUTES));
  return result < 0 ? -errno() : result;
}

const WHY: Record<string, string> = {
  EPERM: 'it takes root (CAP_BPF, CAP_NET_ADMIN), or the kernel is locked down',
  ENOSYS: 'the kernel is without CONFIG_BPF_SYSCALL',
};

/** Throws with what could not be done, and why as far as errno tells. */
function checked(what: string, result: number): number {
  if (result >= 0) return result;
  const text = errnoText(result);
  const why = Object.entries(WHY).find(([name]) => text.endsWith(`(${name})`))?.[1];
  throw new Error(`bpf: cannot ${what}: ${text}${why === undefined ? '' : `: ${why}`}`);
}

/** An array map of one value, `octets` long, zero at first. */
export class BpfValue {
  readonly fd: number;
  readonly #octets: number;

  /** Throws an Error when the kernel refuses. */
  constructor(octets: number) {
    this.#octets = octets;
    this.fd = checked(
      'create a map',
      bpf(MAP_CREATE, (attributes) => {
        [MAP_TYPE_ARRAY, 4, octets, 1].forEach((word, i) => {
          attributes.writeUInt32LE(word, 4 * i);
        });
      }),
    );
  }

  write(value: Uint8Array): void {
    if (value.length !== this.#octets) throw new RangeError(`${value.length} octets for a map of ${this.#octets}`);
    this.#use('write a map', MAP_UPDATE, (octets) => {
      octets.set(value);
    });
  }

  read(): Uint8Array {
    const copy = new Uint8Array(this.#octets);
    this.#use('read a map', MAP_LOOKUP, undefined, (octets) => copy.set(octets));
    return copy;
  }

  close(): void {
    close(this.fd);
  }

  #use(what: string, command: number, before?: (octets: Uint8Array) => void, after?: (octets: Uint8Array) => void): void {
    // 4 octets of key, which is 0, and 4 to keep the value aligned
    withMemory(8 + this.#octets, (memory, address) => {
      const value = memory.subarray(8);
      before?.(value);
      const result = bpf(command, (attributes) => {
        attributes.writeUInt32LE(this.fd, 0);
        attributes.writeBigUInt64LE(address, 8);
        attributes.writeBigUInt64LE(address + 8n, 16);
      });
      checked(what, result);
      after?.(value);
    });
  }
}

/**
 * Loads an XDP program that can do with the first fragment of a packet; its descriptor. Throws an Error when the kernel refuses, with the
 * end of the verifier's log when it is the program that it does not like.
 */
export function loadXdp(name: string, program: Uint8Array): number {
  const license = Buffer.from('GPL\0');
  const head = 8; // license
  return withMemory(head + program.length + LOG_ROOM, (memory, address) => {
    memory.set(license);
    memory.set(program, head);
    const load = (log: boolean) =>
      bpf(PROG_LOAD, (attributes) => {
        attributes.writeUInt32LE(PROG_TYPE_XDP, 0);
        attributes.writeUInt32LE(program.length / 8, 4);
        attributes.writeBigUInt64LE(address + BigInt(head), 8);
        attributes.writeBigUInt64LE(address, 16);
        attributes.writeUInt32LE(HAS_FRAGS, 44);
        attributes.write(name, 48, 15, 'latin1');
        if (!log) return;
        attributes.writeUInt32LE(1, 24);
        attributes.writeUInt32LE(LOG_ROOM, 28);
        attributes.writeBigUInt64LE(address + BigInt(head + program.length), 32);
      });
    const fd = load(false);
    if (fd >= 0) return fd;
    const second = load(true);
    if (second >= 0) return second;
    const text = memory.subarray(head + program.length);
    const log = text.toString('latin1', 0, Math.max(0, text.indexOf(0))).trim();
    const said = log.split('\n').slice(-4).join('; ');
    return checked(said === '' ? 'load a program' : `load a program (the verifier says: ${said})`, fd);
  });
}

/**
 * Attaches an XDP program to an interface of the calling thread's network namespace; the descriptor of the link, which detaches the program
 * when it is closed. In the driver, which veth can: generic XDP passes over every packet that tc has redirected on its way
 * (netif_receive_generic_xdp), as it has those of a shaped link. Throws an Error when the kernel refuses; an interface has one such program.
 */
export function attachXdp(program: number, interfaceIndex: number): number {
  const link = bpf(LINK_CREATE, (attributes) => {
    [program, interfaceIndex, ATTACH_XDP, XDP_DRIVER_MODE].forEach((word, i) => {
      attributes.writeUInt32LE(word, 4 * i);
    });
  });
  return checked('attach a program', link);
}
