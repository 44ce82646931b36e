/**
 * Mutated packets through everything that reads them: the ends' and the foreign agent's side of mlipsec, transport mode, the policy of
 * dynamic mode, the agent's parsing of what it finds outside, and SNOOP. A finding is any throw, a packet accepted that was never sent, a
 * changed input, a broken bound of SNOOP, or memory. Every case follows from the seed and its number.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOuter } from '../../src/helper/agent/outer.ts';
import { Snooper } from '../../src/helper/agent/snooper.ts';
import { PacketStore } from '../../src/helper/agent/store.ts';
import { readTcp } from '../../src/helper/agent/tcp.ts';
import { DynamicPolicy } from '../../src/mlipsec/dynamic.ts';
import {
  type Csa,
  ONE_ZONE,
  open,
  openFirst,
  openTransport,
  PAPER_ZONES,
  rewrite,
  SUITE_NAMES,
  type SuiteName,
  seal,
  sealTransport,
  writeOuter,
} from '../../src/mlipsec/index.ts';
import { u32 } from '../../src/mlipsec/octets.ts';
import type { SnoopSettings } from '../../src/types/experiment.ts';
import { CIPHERS } from '../../test/mlipsec/build/ciphers.ts';
import { datagram } from '../../test/mlipsec/build/datagram.ts';
import { agent, receiver, sender, type World, written } from '../../test/mlipsec/build/peers.ts';
import { mutate, Random } from './mutate.ts';

const SLOW_MS = 2000;
const MEMORY = 512 * 1024 * 1024;
const ROOM = 70_000;
/** cases of one world and one SNOOP agent */
const ROUND = 500;
const SETTINGS: SnoopSettings = {
  ...{ wireless: 'wl0', maxWindow: 20, maxConnections: 8, maxRxmit: 4, dupThresh: 1, priority: true },
  ...{ initialRto: 0.1, minRto: 0.1, persistTimeout: 1, garbageTimeout: 10 },
};
/** 10.8.0.0/16 of the tests' datagrams is where the mobile hosts are */
const MOBILE = [{ address: 0x0a08_0000, prefix: 16 }];

export interface FuzzResult {
  cases: number;
  refused: number;
  findings: { case: number; what: string; file: string }[];
}

/** One suite, layout and number of zones, both ends and the agent, genuine packets of it, and a SNOOP agent that has seen some. */
class Bench {
  readonly sent: Buffer[] = [];
  readonly inputs: Buffer[];
  readonly #world: World;
  readonly #genuine = new Set<string>();
  readonly #inner = new Set<string>();
  readonly #to: Csa;
  readonly #via: Csa | null;
  readonly #transport: Csa | null;
  readonly #policy = new DynamicPolicy({
    agreement: { everyNth: 3, otherwise: 'plain', perFlow: [{ port: 80, mode: 'ipsec' }], until: Number.POSITIVE_INFINITY },
    now: () => this.#at / 1000,
    maxFlows: 64,
  });
  readonly #snooper = new Snooper(SETTINGS, MOBILE);
  readonly #store = new PacketStore(true);
  readonly #out = Buffer.alloc(ROOM);
  readonly #zone1 = Buffer.alloc(ROOM);
  #at = 0;
  #id = 0;

  constructor(random: Random) {
    const suite: SuiteName = random.pick(SUITE_NAMES);
    const zones = random.pick([PAPER_ZONES, PAPER_ZONES, ONE_ZONE]);
    this.#world = { suite, zones, layout: random.pick(['P', 'C']), cipher: random.pick(CIPHERS)[1] };
    const from = sender(this.#world);
    const inner = [20, 39, 40, 41, 60, 133, 600].map((length) => datagram(length, { label: `${random.below(1000)}` }));
    for (const one of inner) {
      this.#inner.add(one.toString('latin1'));
      this.sent.push(written((out) => seal(from, one, out)));
    }
    for (const one of this.sent) this.#genuine.add(one.toString('latin1'));
    const outer = this.sent.map((payload) => {
      const packet = Buffer.alloc(20 + payload.length, payload);
      writeOuter(packet, { source: 0x0a01_0001, destination: 0x0a02_0002, payload: payload.length });
      payload.copy(packet, 20);
      return packet;
    });
    const acks = inner.filter(({ length }) => length >= 40).map((one) => turned(one));
    this.#to = receiver(this.#world);
    this.#via = zones === PAPER_ZONES ? agent(this.#world) : null;
    const transported =
      zones === ONE_ZONE ? inner.filter(({ length }) => length >= 40).map((one) => written((out) => sealTransport(from, one, out))) : [];
    this.#transport = zones === ONE_ZONE ? receiver(this.#world) : null;
    this.inputs = [...this.sent, ...outer, ...transported, ...inner, ...acks];
  }

  /** What is wrong with how these octets are handled, or null. `refused` is told when an end refuses them. */
  run(octets: Buffer, random: Random, refused: () => void): string | null {
    const before = Buffer.from(octets);
    const opened = open(this.#to, octets, this.#out);
    if (!opened.ok) refused();
    else if (!this.#authentic(octets, opened.length)) return 'an end accepted what was never sent';
    open(this.#to, octets, this.#out.subarray(0, random.below(octets.length + 1)), { nextHeader: null });
    if (this.#transport !== null) {
      const got = openTransport(this.#transport, octets, this.#out);
      if (got.ok && got.length > octets.length) return 'transport mode made a packet longer';
    }
    if (this.#via !== null) {
      openFirst(this.#via, octets, this.#zone1);
      openFirst(this.#via, octets, this.#zone1.subarray(0, random.below(60)));
      rewrite(this.#via, octets, { window: random.below(0x1_0000), ttl: random.below(256), ack: random.below(2 ** 32) }, this.#out);
    }
    const mode = this.#policy.chooseMode(octets);
    if (this.#policy.accept(mode, octets) !== null) return 'what one end sends the other does not take';
    this.#policy.accept(random.pick(['plain', 'ipsec', 'mml']), octets);
    const what = this.#outside(octets, random);
    if (what !== null) return what;
    return octets.equals(before) ? null : 'the input was changed';
  }

  #authentic(octets: Buffer, length: number): boolean {
    if (this.#world.suite === '3des-cbc/none') return true;
    // what follows the units is not looked at by who does not need it, so the datagram counts
    return this.#genuine.has(octets.toString('latin1')) || this.#inner.has(this.#out.toString('latin1', 0, length));
  }

  /** As the helper's agent does it, with the clock going on by itself. */
  #outside(octets: Buffer, random: Random): string | null {
    this.#at += random.pick([0, 1, 50, 150, 2000]);
    const outer = readOuter(octets);
    if (outer.at < 0 || outer.end > octets.length || outer.at > outer.end) return 'an outer header beyond the packet';
    let seen = octets.subarray(outer.at, outer.end);
    if (outer.kind === 'esp') {
      if (u32(octets, outer.at) !== this.#to.spi || this.#via === null) return null;
      const first = openFirst(this.#via, seen, this.#zone1);
      if (!first.ok) return null;
      seen = this.#zone1.subarray(0, first.length);
    }
    const tcp = readTcp(outer.kind === 'other' ? octets : seen, random.pick([seen.length, octets.length, 65_535]));
    const { agent: snoop } = this.#snooper;
    this.#id += 1;
    const actions = [
      ...(tcp === null ? [] : (this.#snooper.see(tcp, random.pick([0, 1]), { id: this.#id, length: octets.length }, this.#at) ?? [])),
      ...snoop.handle({ kind: 'timer', at: this.#at }),
    ];
    for (const action of actions) {
      if (action.do === 'cache') this.#store.keep(action.reference.id, octets);
      else if (action.do === 'drop') this.#store.drop(action.reference.id);
      else if (action.do === 'retransmit' && this.#store.get(action.reference.id) === undefined)
        return 'a packet is sent again that is not kept';
    }
    for (let times = 0; ; times++) {
      const timer = snoop.handle({ kind: 'timer', at: this.#at }).at(-1);
      if (timer?.do !== 'timer' || timer.at > this.#at) break;
      if (times === 2) return 'a timer that is due at once, time and again';
    }
    if (snoop.connections > SETTINGS.maxConnections || snoop.cachedPackets > SETTINGS.maxWindow * SETTINGS.maxConnections)
      return 'SNOOP keeps more than it may';
    return this.#store.size === snoop.cachedPackets ? null : 'SNOOP and the store do not keep the same';
  }
}

/** The datagram of the other direction: addresses and ports change places, and it acknowledges what the first one carries. */
function turned(one: Buffer): Buffer {
  const other = Buffer.from(one.subarray(0, 40));
  other.writeUInt16BE(40, 2);
  one.copy(other, 12, 16, 20);
  one.copy(other, 16, 12, 16);
  one.copy(other, 20, 22, 24);
  one.copy(other, 22, 20, 22);
  other.writeUInt32BE((one.readUInt32BE(24) + one.length - 40) >>> 0, 28);
  return other;
}

/** Fuzzes for `seconds`; findings are also written to `corpus`. `report` gets a line now and then. */
export async function fuzzMml(
  seconds: number,
  seed: number,
  report: (line: string) => void,
  corpus = new URL('../../test/mlipsec/corpus/', import.meta.url).pathname,
): Promise<FuzzResult> {
  const result: FuzzResult = { cases: 0, refused: 0, findings: [] };
  const memory = process.memoryUsage.rss();
  const end = performance.now() + seconds * 1000;
  let said = performance.now();
  let bench: Bench | null = null;
  while (performance.now() < end) {
    const random = new Random(seed, result.cases);
    if (bench === null || result.cases % ROUND === 0) bench = new Bench(random);
    const octets = random.below(20) === 0 ? Buffer.from(random.pick(bench.inputs)) : mutate(random, bench.inputs);
    const what = tryCase(bench, octets, random, result) ?? (process.memoryUsage.rss() - memory > MEMORY ? 'memory grew' : null);
    if (what !== null) {
      mkdirSync(corpus, { recursive: true });
      const file = join(corpus, `seed-${seed}-case-${result.cases}.bin`);
      writeFileSync(file, octets);
      result.findings.push({ case: result.cases, what, file });
      report(`case ${result.cases}: ${what}`);
    }
    result.cases++;
    if (performance.now() - said > 10_000) {
      said = performance.now();
      report(`${result.cases} cases, ${result.refused} refused, ${result.findings.length} findings`);
    }
  }
  return result;
}

function tryCase(bench: Bench, octets: Buffer, random: Random, result: FuzzResult): string | null {
  const start = performance.now();
  try {
    const what = bench.run(octets, random, () => {
      result.refused++;
    });
    if (what !== null) return what;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const took = performance.now() - start;
  return took > SLOW_MS ? `took ${took.toFixed(0)} ms` : null;
}
