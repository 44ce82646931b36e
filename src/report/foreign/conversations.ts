/** Who talked to whom: outer packets by address pair, protocol and ports, both directions together. */
import type { Packet } from '../../types/packet.ts';

export interface Conversation {
  protocol: number;
  /** `address` or `address:port`, the one that spoke first is `a` */
  a: string;
  b: string;
  /** packets and IP octets from a to b, and back */
  packets: [number, number];
  octets: [number, number];
  /** seconds since the first packet of the capture */
  first: number;
  last: number;
}

/** By number of packets, most first. Packets that are not IP are left out. */
export function conversations(packets: Packet[]): Conversation[] {
  const found = new Map<string, Conversation>();
  for (const packet of packets) {
    if (packet.ipVersion === 0) continue;
    const [source, destination] = [end(packet, packet.src, packet.srcPort), end(packet, packet.dst, packet.dstPort)];
    const there = found.get(`${packet.protocol} ${source} ${destination}`);
    const back = there === undefined ? found.get(`${packet.protocol} ${destination} ${source}`) : undefined;
    let entry = there ?? back;
    if (entry === undefined) {
      entry = { protocol: packet.protocol, a: source, b: destination, packets: [0, 0], octets: [0, 0], first: packet.t / 1e9, last: 0 };
      found.set(`${packet.protocol} ${source} ${destination}`, entry);
    }
    const way = back === undefined ? 0 : 1;
    entry.packets[way] += 1;
    entry.octets[way] += packet.length;
    entry.last = packet.t / 1e9;
  }
  const size = ({ packets: [there, back] }: Conversation): number => there + back;
  return [...found.values()].sort((x, y) => size(y) - size(x) || x.first - y.first);
}

function end(packet: Packet, address: string, port: number): string {
  if (packet.protocol !== 6 && packet.protocol !== 17 && packet.protocol !== 132) return address;
  return packet.ipVersion === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
