import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Csa, IvSpace, keyLength, open, rewrite, type SuiteName, seal, splitKeys, suiteNamed, ZoneSa } from '../../src/mlipsec/index.ts';
import { datagram } from './build/datagram.ts';
import { octets, written } from './build/peers.ts';

describe('an IV', () => {
  test('is writer, epoch, counter', () => {
    const space = new IvSpace(0xfe, 0xab, 0x1234_5678_9abc);
    const iv = new Uint8Array(8);
    const next = () => {
      space.take(iv);
      return Buffer.from(iv).toString('hex');
    };
    expect([next(), next()]).toEqual(['feab123456789abc', 'feab123456789abd']);
  });

  test('counters carry into the upper half and end', () => {
    const iv = new Uint8Array(8);
    const carrying = new IvSpace(0, 0, 0xffff_ffff);
    carrying.take(iv);
    carrying.take(iv);
    expect(Buffer.from(iv).toString('hex')).toBe('0000000100000000');
    const last = new IvSpace(0, 0, 2 ** 48 - 1);
    expect(last.exhausted).toBe(false);
    last.take(iv);
    expect(Buffer.from(iv).toString('hex')).toBe('0000ffffffffffff');
    expect(last.exhausted).toBe(true);
    expect(() => last.take(iv)).toThrow(RangeError);
  });

  test.each([
    [255, 0, 0],
    [-1, 0, 0],
    [0.5, 0, 0],
    [0, 256, 0],
    [0, -1, 0],
    [0, 0, -1],
    [0, 0, 2 ** 48 + 1],
    [0, 0, 0.5],
  ])('writer %s, epoch %s, counter %s are refused', (writer, epoch, next) => {
    expect(() => new IvSpace(writer, epoch, next)).toThrow(RangeError);
  });
});

const LENGTH = 100;

/** Two ends and whoever is between them, over handovers and new keys; every (key, IV) put on the wire is noted. */
class Session {
  readonly used = new Set<string>();
  readonly #suite: SuiteName;
  readonly #layout: 'P' | 'C';
  readonly #zone2Key = octets('zone 2', 128);
  #generation = 0;
  #from: Csa;
  #to: Csa;
  #via!: Csa;
  #writer = 0;
  #lastEpoch = new Map<number, number>();

  constructor(suite: SuiteName, layout: 'P' | 'C') {
    this.#suite = suite;
    this.#layout = layout;
    const options = { layout };
    this.#from = new Csa({ ...options, role: 'send', sas: [this.#sa(1, new IvSpace(0, 0)), this.#sa(2, new IvSpace(0, 0))] });
    this.#to = new Csa({ ...options, role: 'receive', sas: [this.#sa(1), this.#sa(2)] });
    this.handover(1);
  }

  /** The next agent, new or one that was here before and remembers nothing. */
  handover(writer: number): void {
    this.#writer = writer;
    const epoch = (this.#lastEpoch.get(writer) ?? -1) + 1;
    this.#lastEpoch.set(writer, epoch);
    this.#via = new Csa({ role: 'forward', layout: this.#layout, sas: [this.#sa(1, new IvSpace(writer, epoch)), null] });
  }

  rekeyHeader(): void {
    this.#generation += 1;
    this.#lastEpoch.clear();
    const [from, to] = [this.#from, this.#to];
    this.#from = from.rekeyHeader(this.#sa(1, new IvSpace(0, 0)));
    this.#to = to.rekeyHeader(this.#sa(1));
    from.destroy();
    to.destroy();
    this.handover(this.#writer);
  }

  send(edited: boolean): void {
    const payload = written((out) => seal(this.#from, datagram(LENGTH), out));
    this.#note(payload);
    let last = payload;
    if (edited) {
      last = written((out) => rewrite(this.#via, payload, { window: 5 }, out));
      this.#note(last, false);
    }
    expect(open(this.#to, last, Buffer.alloc(400))).toMatchObject({ ok: true, length: LENGTH });
  }

  #sa(zone: 1 | 2, iv?: IvSpace): ZoneSa {
    const suite = suiteNamed(this.#suite, { fidelity: true });
    const material = zone === 2 ? this.#zone2Key : octets(`zone 1, ${this.#generation}`, 128);
    const spi = zone === 2 ? 2 : 0x100 + this.#generation;
    return new ZoneSa({ spi, suite, keys: splitKeys(suite, material.subarray(0, keyLength(suite))), ...(iv && { iv }) });
  }

  #note(payload: Buffer, both = true): void {
    const { iv } = this.#from.designated.suite;
    const second = this.#from.full[0]! + (this.#layout === 'P' ? 8 : 0);
    const ivs = [[`zone 1, ${this.#generation}`, 8] as const, ...(both ? [['zone 2', second] as const] : [])];
    for (const [key, at] of ivs) {
      const pair = `${key} ${payload.toString('hex', at, at + iv)}`;
      if (this.used.has(pair)) throw new Error(`used twice: ${pair}`);
      this.used.add(pair);
    }
  }
}

test.each(['aes128-gcm16', 'aes128-cbc/sha256-128', '3des-cbc/sha1-96'] as const)(
  '%s: no key meets the same IV twice, over header rekeys, handovers and edits',
  (suite) => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), edited: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('handover' as const), writer: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('rekey' as const) }) },
    );
    fc.assert(
      fc.property(fc.constantFrom('P' as const, 'C' as const), fc.array(step, { maxLength: 60 }), (layout, steps) => {
        const session = new Session(suite, layout);
        let sent = 0;
        for (const one of steps) {
          if (one.do === 'rekey') session.rekeyHeader();
          else if (one.do === 'handover') session.handover(one.writer);
          else {
            session.send(one.edited);
            sent += one.edited ? 3 : 2;
          }
        }
        expect(session.used.size).toBe(sent);
      }),
      { numRuns: 60 },
    );
  },
);

test('a sender whose IVs are used up stops, and no sequence number is lost', () => {
  const suite = suiteNamed('aes128-gcm16');
  const sa = (spi: number, iv: IvSpace) => new ZoneSa({ spi, suite, keys: splitKeys(suite, octets('k', keyLength(suite))), iv });
  const from = new Csa({ role: 'send', sas: [sa(1, new IvSpace(0, 0)), sa(2, new IvSpace(0, 0, 2 ** 48 - 1))] });
  const out = Buffer.alloc(400);
  expect(seal(from, datagram(100), out).ok).toBe(true);
  expect(seal(from, datagram(100), out)).toEqual({ ok: false, reason: 'exhausted' });
  expect(from.seq).toBe(1);
});
