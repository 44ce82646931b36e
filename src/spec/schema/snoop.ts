/** A TCP SNOOP agent on a node, as the file writes it. Times in seconds; defaults: Table 4 of the MML-IPsec paper (src/snoop/parameters.ts). */
import { z } from 'zod';
import { type SnoopParameters, TABLE_4 } from '../../snoop/index.ts';
import { duration, only } from './fields.ts';

type Key = keyof SnoopParameters;

const MOST = 65_535;
const count = (key: Key, min: number, description: string) => z.int().min(min).max(MOST).default(TABLE_4[key]).describe(description);
const time = (key: Key, description: string) => duration(description, 0.001).prefault(`${TABLE_4[key]}ms`);

export const snoop = z
  .strictObject({
    wireless: z.string().describe('interface of this node towards the mobile hosts: data that leaves there is cached'),
    maxWindow: count('maxWindow', 1, 'packets cached for one connection, at most'),
    maxConnections: count('maxConnections', 1, 'connections followed at once; the others pass untouched'),
    maxRxmit: count('maxRxmit', 0, 'local retransmissions of one packet; after them its duplicate ACKs go to the sender'),
    dupThresh: count('dupThresh', 0, 'duplicate ACKs let through before the agent acts; at 3 and above the sender acts first'),
    initialRto: time('initialRto', 'local retransmission timer until a round-trip time is known'),
    minRto: time('minRto', 'the local retransmission timer is never shorter'),
    persistTimeout: time('persistTimeout', 'without a packet from either side, after which all cached packets are sent again'),
    garbageTimeout: time('garbageTimeout', 'without a packet from either side, after which the connection is forgotten'),
    priority: z
      .boolean()
      .default(true)
      .describe('local retransmissions carry the TOS of minimum delay (0x10): they overtake on a link with "priority: true"'),
    only,
  })
  .describe(
    'a TCP SNOOP agent: caches segments towards mobile hosts, sends lost ones again itself and keeps their duplicate ACKs from the sender; ' +
      'sees TCP in clear, and inside the mml tunnels that name this node under "agents"',
  );
export type FileSnoop = z.output<typeof snoop>;
