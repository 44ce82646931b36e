/** Connections by realm and 4-tuple, in levels, so that a look-up makes no string. */
import type { Connection } from './connection.ts';
import type { FlowKey } from './events.ts';

export class ConnectionTable {
  readonly #realms = new Map<number, Map<number, Map<number, Connection>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(flow: FlowKey): Connection | undefined {
    return this.#realms
      .get(flow.realm ?? 0)
      ?.get(end(flow.fixed, flow.fixedPort))
      ?.get(end(flow.mobile, flow.mobilePort));
  }

  /** Adds a connection whose flow has none. */
  add(connection: Connection): void {
    const { flow } = connection;
    const fixed = end(flow.fixed, flow.fixedPort);
    const realm = flow.realm ?? 0;
    const byFixed = this.#realms.get(realm) ?? new Map<number, Map<number, Connection>>();
    this.#realms.set(realm, byFixed);
    const others = byFixed.get(fixed) ?? new Map<number, Connection>();
    byFixed.set(fixed, others);
    others.set(end(flow.mobile, flow.mobilePort), connection);
    this.#size += 1;
  }

  delete(flow: FlowKey): void {
    const fixed = end(flow.fixed, flow.fixedPort);
    const byFixed = this.#realms.get(flow.realm ?? 0);
    const others = byFixed?.get(fixed);
    if (others?.delete(end(flow.mobile, flow.mobilePort)) !== true) return;
    this.#size -= 1;
    if (others.size === 0) byFixed?.delete(fixed);
  }

  /** Connections may be deleted on the way. */
  *[Symbol.iterator](): Generator<Connection> {
    for (const byFixed of this.#realms.values()) for (const others of byFixed.values()) yield* others.values();
  }
}

/** Address and port in one number below 2^48. */
function end(address: number, port: number): number {
  return (address >>> 0) * 65_536 + (port & 0xffff);
}
