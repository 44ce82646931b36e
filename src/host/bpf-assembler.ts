/**
 * Instructions of eBPF (RFC 9669) as octets: the few this project needs, with labels for jumps. Octets are little-endian, as on all hosts
 * that run it.
 */

/** R0: results; R1 to R5: arguments, lost in a call; R6 to R9: kept; R10: frame, read only. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

const WORDS = { 16: 0x08, 32: 0x00, 64: 0x18 } as const;
const OPERATIONS = { add: 0x00, sub: 0x10, mul: 0x20, and: 0x50, lsh: 0x60, rsh: 0x70, xor: 0xa0, mov: 0xb0 } as const;
const CONDITIONS = { eq: 0x10, gt: 0x20, ge: 0x30, ne: 0x50, lt: 0xa0, le: 0xb0 } as const;
/** the operand is a register */
const X = 0x08;

export class BpfAssembler {
  readonly #octets: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { at: number; label: string }[] = [];

  /** dst = dst op src, 64 bits; `src` is a register. */
  alu(operation: keyof typeof OPERATIONS, dst: Register, src: Register): this {
    return this.#emit(0x07 | X | OPERATIONS[operation], dst, src, 0, 0);
  }

  /** dst = dst op value, 64 bits; `value` is a signed number of 32 bits. */
  aluWith(operation: keyof typeof OPERATIONS, dst: Register, value: number): this {
    return this.#emit(0x07 | OPERATIONS[operation], dst, 0, 0, value);
  }

  /** dst = value of 64 bits */
  load64(dst: Register, value: bigint): this {
    return this.#wide(dst, 0, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** dst = address of the only value of the array map behind a descriptor */
  mapValue(dst: Register, fd: number): this {
    return this.#wide(dst, 2, fd, 0);
  }

  /** dst = as many `bits`, unsigned, at src + offset */
  loadFrom(bits: keyof typeof WORDS, dst: Register, src: Register, offset: number): this {
    return this.#emit(0x61 | WORDS[bits], dst, src, offset, 0);
  }

  /** src = the 64 bits at dst + offset, which become their sum, at once */
  fetchAdd(dst: Register, offset: number, src: Register): this {
    return this.#emit(0xdb, dst, src, offset, 0x01);
  }

  /** Calls a helper function of the kernel by number. */
  call(helper: number): this {
    return this.#emit(0x85, 0, 0, 0, helper);
  }

  /** to `label` if dst compares so with src, unsigned */
  jump(condition: keyof typeof CONDITIONS, dst: Register, src: Register, label: string): this {
    this.#jumps.push({ at: this.#octets.length, label });
    return this.#emit(0x05 | X | CONDITIONS[condition], dst, src, 0, 0);
  }

  /** the same with a number of 31 bits */
  jumpIf(condition: keyof typeof CONDITIONS, dst: Register, value: number, label: string): this {
    this.#jumps.push({ at: this.#octets.length, label });
    return this.#emit(0x05 | CONDITIONS[condition], dst, 0, 0, value);
  }

  label(name: string): this {
    this.#labels.set(name, this.#octets.length);
    return this;
  }

  /** Ends the program with a value. */
  exit(value: number): this {
    return this.aluWith('mov', 0, value).#emit(0x95, 0, 0, 0, 0);
  }

  /** The program. Throws an Error when a label is nowhere. */
  assemble(): Uint8Array {
    const program = Uint8Array.from(this.#octets);
    const view = new DataView(program.buffer);
    for (const { at, label } of this.#jumps) {
      const target = this.#labels.get(label);
      if (target === undefined) throw new Error(`no label ${label}`);
      view.setInt16(at + 2, (target - at) / 8 - 1, true);
    }
    return program;
  }

  #emit(opcode: number, dst: Register | 0, src: number, offset: number, value: number): this {
    this.#octets.push(opcode, dst | (src << 4), offset & 0xff, (offset >> 8) & 0xff);
    for (let shift = 0; shift < 32; shift += 8) this.#octets.push((value >>> shift) & 0xff);
    return this;
  }

  /** An instruction of two, which holds 64 bits. */
  #wide(dst: Register, kind: number, low: number, high: number): this {
    return this.#emit(0x18, dst, kind, 0, low).#emit(0, 0, 0, 0, high);
  }
}
