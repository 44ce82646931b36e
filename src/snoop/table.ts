/** Connections by 4-tuple, in two levels, so that a look-up makes no string. */
import type { Connection } from './connection.ts';
import type { FlowKey } from './events.ts';

export class ConnectionTable {
  readonly #byFixed = new Map<number, Map<number, Connection>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(flow: FlowKey): Connection | undefined {
    return this.#byFixed.get(end(flow.fixed, flow.fixedPort))?.get(end(flow.mobile, flow.mobilePort));
  }

  /** Adds a connection whose flow has none. */
  add(connection: Connection): void {
    const { flow } = connection;
    const fixed = end(flow.fixed, flow.fixedPort);
    const others = this.#byFixed.get(fixed) ?? new Map<number, Connection>();
    this.#byFixed.set(fixed, others);
    others.set(end(flow.mobile, flow.mobilePort), connection);
    this.#size += 1;
  }

  delete(flow: FlowKey): void {
    const fixed = end(flow.fixed, flow.fixedPort);
    const others = this.#byFixed.get(fixed);
    if (others?.delete(end(flow.mobile, flow.mobilePort)) !== true) return;
    this.#size -= 1;
    if (others.size === 0) this.#byFixed.delete(fixed);
  }

  /** Connections may be deleted on the way. */
  *[Symbol.iterator](): Generator<Connection> {
    for (const others of this.#byFixed.values()) yield* others.values();
  }
}

/** Address and port in one number below 2^48. */
function end(address: number, port: number): number {
  return (address >>> 0) * 65_536 + (port & 0xffff);
}
