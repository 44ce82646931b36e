/**
 * The foreign agent as a thread's work: packets come from a TUN interface and go back to it as they are, but for ACKs SNOOP swallows and
 * packets whose first zone is not genuine. Everything it does not understand passes.
 */
import { errnoText } from '../../host/errno.ts';
import { readPacket, writePacket } from '../../host/raw-socket.ts';
import { openFirst } from '../../mlipsec/index.ts';
import { u32 } from '../../mlipsec/octets.ts';
import type { SnoopAction } from '../../snoop/index.ts';
import type { AgentStatistics, HelperAgent } from '../../types/helper.ts';
import { network } from '../address.ts';
import type { Command, Share } from '../protocol.ts';
import { stageClock } from '../stages.ts';
import type { Source, Station } from '../station.ts';
import { AgentCsas } from './csas.ts';
import { readOuter } from './outer.ts';
import { CLEAR, Realms } from './realms.ts';
import { Snooper } from './snooper.ts';
import { PacketStore } from './store.ts';
import { readTcp, type TcpView } from './tcp.ts';

const ROOM = 65_536;

export class AgentStation implements Station, Source {
  readonly sources: readonly Source[] = [this];
  readonly fd: number;
  readonly #name: string;
  readonly #realms: Realms;
  readonly #csas: AgentCsas;
  readonly #snooper: Snooper | null;
  readonly #store: PacketStore;
  readonly #clock;
  readonly #buffer = new Uint8Array(ROOM);
  readonly #zone1 = new Uint8Array(ROOM);
  readonly #refused = new Map<string, number>();
  #due = Number.POSITIVE_INFINITY;
  #id = 0;
  #forwarded = 0;
  #opened = 0;
  #passed = 0;
  #suppressed = 0;
  #retransmitted = 0;

  constructor({ tun, snoop, mobile, plain }: HelperAgent, fd: number, profile: boolean) {
    this.#realms = new Realms(plain);
    this.#csas = new AgentCsas(this.#realms);
    this.fd = fd;
    this.#name = tun;
    this.#snooper = snoop === null ? null : new Snooper(snoop, mobile.map(network));
    this.#store = new PacketStore(snoop?.priority ?? false);
    this.#clock = stageClock(profile);
  }

  due(): number {
    return this.#due;
  }

  onDue(): void {
    this.#due = Number.POSITIVE_INFINITY;
    const actions = this.#snooper?.agent.handle({ kind: 'timer', at: performance.now() }) ?? [];
    this.#clock.start();
    for (const action of actions) this.#act(action, null);
  }

  take(): boolean {
    this.#clock.start();
    const length = readPacket(this.fd, this.#buffer);
    if (length <= 0) {
      if (length < 0) throw new Error(`cannot read from ${this.#name}: ${errnoText(length)}`);
      return false;
    }
    this.#clock.stage('tun read');
    this.#packet(this.#buffer.subarray(0, length));
    return true;
  }

  #packet(packet: Uint8Array): void {
    const outer = readOuter(packet);
    let tcp: TcpView | null = null;
    let realm: number | null = CLEAR;
    let opened = false;
    if (outer.kind === 'clear') {
      if (this.#snooper !== null) tcp = readTcp(packet.subarray(outer.at, outer.end), outer.end - outer.at);
      if (tcp !== null && outer.at > 0) realm = this.#realms.ofPlain(u32(packet, 12), u32(packet, 16), tcp);
    } else if (outer.kind === 'esp') {
      const known = this.#csas.find(u32(packet, 16), u32(packet, outer.at));
      if (known !== null) {
        realm = known.realm;
        const first = openFirst(known.csa, packet.subarray(outer.at, outer.end), this.#zone1);
        if (first.ok) {
          this.#clock.stage('open zone 1');
          this.#opened += 1;
          opened = true;
          if (this.#snooper !== null) tcp = readTcp(this.#zone1.subarray(0, first.length), outer.end - outer.at);
        } else if (first.reason !== 'dummy') {
          this.#refuse(first.reason);
          return;
        }
      }
    }
    const actions = tcp === null || realm === null ? null : this.#snoop(tcp, realm, packet);
    if (actions === null) {
      // without SNOOP a first zone that was opened is all there is to be read
      if (this.#snooper !== null || !opened) this.#passed += 1;
      this.#forward(packet);
      return;
    }
    for (const action of actions) this.#act(action, packet);
  }

  #snoop(tcp: TcpView, realm: number, packet: Uint8Array): SnoopAction[] | null {
    this.#id += 1;
    const actions = this.#snooper!.see(tcp, realm, { id: this.#id, length: packet.length }, performance.now());
    this.#clock.stage('snoop');
    return actions;
  }

  /** `packet`: of the event this comes of, if it was one. */
  #act(action: SnoopAction, packet: Uint8Array | null): void {
    switch (action.do) {
      case 'forward':
        if (packet !== null) this.#forward(packet);
        return;
      case 'suppress':
        this.#suppressed += 1;
        return;
      case 'cache':
        if (packet !== null) this.#store.keep(action.reference.id, packet);
        return;
      case 'drop':
        this.#store.drop(action.reference.id);
        return;
      case 'timer':
        this.#due = action.at;
        return;
      case 'retransmit': {
        const kept = this.#store.get(action.reference.id);
        if (kept === undefined) return;
        if (writePacket(this.fd, kept.memory, kept.length) < 0) this.#refuse('tun-failed');
        else this.#retransmitted += 1;
        this.#clock.stage('retransmit');
      }
    }
  }

  #forward(packet: Uint8Array): void {
    if (writePacket(this.fd, packet, packet.length) < 0) this.#refuse('tun-failed');
    else this.#forwarded += 1;
    this.#clock.stage('forward');
  }

  #refuse(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  setKeys(command: Command): void {
    if (command.do !== 'agent-keys') throw new Error('an agent takes keys of first zones');
    this.#csas.set(command.agent);
  }

  statistics(): Share {
    const agent: AgentStatistics = {
      forwarded: this.#forwarded,
      opened: this.#opened,
      passed: this.#passed,
      refused: Object.fromEntries(this.#refused),
      suppressed: this.#suppressed,
      retransmitted: this.#retransmitted,
      snoop: this.#snooper === null ? null : { ...this.#snooper.agent.statistics },
    };
    return { agent, stages: this.#clock.samples() };
  }

  close(): void {
    this.#csas.wipe();
  }
}
