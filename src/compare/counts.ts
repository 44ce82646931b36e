/** How many packets of which kind each capture of two runs holds. */
import type { MetricInput } from '../metrics/index.ts';
import { parsePayload } from '../pcap/index.ts';
import type { Packet } from '../types/packet.ts';
import type { CountRow } from './types.ts';

/** Rows by capture (`node:interface`) and kind; a capture that one run lacks has null there. */
export function countPackets(a: MetricInput, b: MetricInput): CountRow[] {
  const [inA, inB] = [counted(a), counted(b)];
  return [...new Set([...inA.keys(), ...inB.keys()])].sort().flatMap((capture) => {
    const [kindsA, kindsB] = [inA.get(capture), inB.get(capture)];
    const kinds = [...new Set([...(kindsA?.keys() ?? []), ...(kindsB?.keys() ?? [])])].sort();
    const countOf = (side: Map<string, number> | undefined, kind: string): number | null => (side && (side.get(kind) ?? 0)) ?? null;
    return kinds.map((kind) => ({ capture, kind, a: countOf(kindsA, kind), b: countOf(kindsB, kind) }));
  });
}

function counted({ captures, run }: MetricInput): Map<string, Map<string, number>> {
  return new Map(
    captures.map(({ node, interface: name, packets }) => {
      const kinds = new Map<string, number>();
      for (const packet of packets) {
        const kind = kindOf(packet, run.epoch);
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
      return [`${node}:${name}`, kinds];
    }),
  );
}

function kindOf({ ipVersion, ike, esp, protocol, payload }: Packet, epoch: number): string {
  if (ipVersion === 0) return 'not IP (ARP)';
  if (ike !== null) return 'IKE';
  if (esp !== null) return 'ESP';
  if (protocol === 17) return parsePayload(payload, epoch) === null ? 'UDP' : 'flows, in clear';
  if (protocol === 1 || protocol === 58) return protocol === 1 ? 'ICMP' : 'ICMPv6';
  if (protocol === 132) return 'SCTP';
  return protocol === 6 ? 'TCP' : `protocol ${protocol}`;
}
