/**
 * The SNOOP agent (Balakrishnan, Seshan, Amir, Katz, MobiCom 1995) as the MML-IPsec paper uses it: it stands between the wired and the
 * wireless hop, caches what goes to the mobile, repairs losses of the radio by itself and hides them from the sender. A pure state
 * machine: events in, actions out; it never needs to read more than 40 octets of a packet, nor to change one.
 */
import { onAck } from './ack.ts';
import { Connection } from './connection.ts';
import { onData, span } from './data.ts';
import type { AckEvent, DataEvent, FlowKey, SnoopAction, SnoopEvent } from './events.ts';
import { type ConnectionSnapshot, restore, snapshot } from './handoff.ts';
import { type SnoopParameters, snoopParameters } from './parameters.ts';
import { newStatistics, type SnoopStatistics } from './statistics.ts';
import { ConnectionTable } from './table.ts';
import { onTimer } from './timers.ts';
import { dropAll, FORWARD, type Turn } from './turn.ts';

export class SnoopAgent {
  readonly parameters: Readonly<SnoopParameters>;
  readonly statistics: SnoopStatistics = newStatistics();
  readonly #table = new ConnectionTable();
  #now = Number.NEGATIVE_INFINITY;
  /** ms, the timer the caller was asked for last */
  #armed = Number.POSITIVE_INFINITY;

  /** RangeError as of {@link snoopParameters}. */
  constructor(changes: Partial<SnoopParameters> = {}) {
    this.parameters = snoopParameters(changes);
  }

  /** connections followed now */
  get connections(): number {
    return this.#table.size;
  }

  /** packets cached now, of all connections */
  get cachedPackets(): number {
    let packets = 0;
    for (const { cache } of this.#table) packets += cache.size;
    return packets;
  }

  /** What the agent knows of a connection now, or null. Changes nothing. */
  look(flow: FlowKey): ConnectionSnapshot | null {
    const connection = this.#table.get(flow);
    return connection === undefined ? null : snapshot(connection, this.#now);
  }

  /**
   * One event; the actions are to be carried out in their order. Data is always forwarded, an ACK forwarded or suppressed. A time before
   * that of an earlier event counts as that one's.
   */
  handle(event: SnoopEvent): SnoopAction[] {
    const turn = this.#turn(event.at);
    if (event.kind === 'timer') this.#timer(turn);
    else if (event.kind === 'data') this.#data(turn, event);
    else this.#ack(turn, event);
    return turn.actions;
  }

  /** At the old agent of a handoff: forgets the connection (its packets are dropped) and hands out its state, for whoever can use it. */
  release(flow: FlowKey, at: number): { snapshot: ConnectionSnapshot | null; actions: SnoopAction[] } {
    const turn = this.#turn(at);
    const connection = this.#table.get(flow);
    if (connection === undefined) return { snapshot: null, actions: [] };
    const state = snapshot(connection, turn.now);
    this.statistics.exported += 1;
    this.#forget(turn, connection);
    return { snapshot: state, actions: turn.actions };
  }

  /** Forgets every connection. */
  clear(at: number): SnoopAction[] {
    const turn = this.#turn(at);
    for (const connection of this.#table) this.#forget(turn, connection);
    return turn.actions;
  }

  /**
   * At the new agent: goes on with a connection whose packets the caller has, and sends them again at the next timer event, which it asks
   * for at once. Nothing happens when the connection is known by now or there is no place for it.
   */
  adopt(state: ConnectionSnapshot, at: number): SnoopAction[] {
    const turn = this.#turn(at);
    if (this.#table.get(state.flow) !== undefined || !this.#hasRoom(turn)) return turn.actions;
    const connection = restore(state, this.parameters, turn.now);
    this.#table.add(connection);
    this.statistics.imported += 1;
    for (const { reference } of connection.cache.packets) turn.actions.push({ do: 'cache', reference });
    this.#arm(turn, connection);
    return turn.actions;
  }

  #turn(at: number): Turn {
    this.#now = Math.max(this.#now, at);
    return { now: this.#now, parameters: this.parameters, statistics: this.statistics, actions: [] };
  }

  #data(turn: Turn, event: DataEvent): void {
    const known = this.#table.get(event.flow);
    if (this.#resets(turn, known, event)) return;
    const connection = known ?? (span(event) > 0 ? this.#open(turn, event) : undefined);
    if (connection === undefined) turn.actions.push(FORWARD);
    else if (onData(turn, connection, event)) this.#arm(turn, connection);
    else this.#forget(turn, connection);
  }

  #ack(turn: Turn, event: AckEvent): void {
    const connection = this.#table.get(event.flow);
    if (this.#resets(turn, connection, event)) return;
    if (connection === undefined) {
      turn.actions.push(FORWARD);
      return;
    }
    const outcome = onAck(turn, connection, event);
    if (outcome === 'open') {
      this.#arm(turn, connection);
      return;
    }
    if (outcome === 'finished') this.statistics.ended += 1;
    this.#forget(turn, connection);
  }

  #timer(turn: Turn): void {
    let next = Number.POSITIVE_INFINITY;
    for (const connection of this.#table) {
      if (onTimer(turn, connection)) {
        next = Math.min(next, connection.deadline(this.parameters));
      } else {
        this.statistics.collected += 1;
        this.#forget(turn, connection);
      }
    }
    this.#armed = next;
    if (next !== Number.POSITIVE_INFINITY) turn.actions.push({ do: 'timer', at: next });
  }

  /** True: a SYN or RST of either side, with which what was known is over. */
  #resets(turn: Turn, connection: Connection | undefined, event: DataEvent | AckEvent): boolean {
    if (event.flags?.syn !== true && event.flags?.rst !== true) return false;
    if (connection !== undefined) {
      this.statistics.ended += 1;
      this.#forget(turn, connection);
    }
    turn.actions.push(FORWARD);
    return true;
  }

  #open(turn: Turn, event: DataEvent): Connection | undefined {
    if (!this.#hasRoom(turn)) {
      this.statistics.refused += 1;
      return undefined;
    }
    const connection = new Connection({ ...event.flow }, event.seq >>> 0, this.parameters, turn.now);
    this.#table.add(connection);
    this.statistics.opened += 1;
    return connection;
  }

  /** Makes room by forgetting idle connections when the timer has not come to it yet. */
  #hasRoom(turn: Turn): boolean {
    if (this.#table.size < this.parameters.maxConnections) return true;
    for (const connection of this.#table) {
      if (connection.collectAt(this.parameters) > turn.now) continue;
      this.statistics.collected += 1;
      this.#forget(turn, connection);
    }
    return this.#table.size < this.parameters.maxConnections;
  }

  #forget(turn: Turn, connection: Connection): void {
    dropAll(turn, connection.cache.clear());
    this.#table.delete(connection.flow);
  }

  /** Only ever earlier: a timer that comes too early finds nothing due and asks again. */
  #arm(turn: Turn, connection: Connection): void {
    const at = connection.deadline(this.parameters);
    if (at >= this.#armed) return;
    this.#armed = at;
    turn.actions.push({ do: 'timer', at });
  }
}
