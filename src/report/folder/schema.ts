/**
 * The shape of each file of a results folder, as far as analysis relies on it. types/run.ts is the contract; these
 * schemas refuse what breaks it, since a folder may come from anywhere. Unknown keys pass: newer versions may add some.
 */
import { normalize } from 'node:path';
import { z } from 'zod';
import { METRICS } from '../../types/experiment.ts';
import type { HostDisturbance } from '../../types/host.ts';
import type { DeliveryRecord, EventRecord, ExperimentRecord, RunRecord } from '../../types/run.ts';

/** far beyond what a run has (an interface, a capture): a record with more would only exhaust memory */
const MOST_INTERFACES = 1000;
const MOST_CELLS = 1000;
/** of a cell: IPsec connections, tunnels of one kind */
const MOST_CONNECTIONS = 1000;
/** of one end of an association */
const MOST_ADDRESSES = 1000;
/** every run asked for has an entry in the summary, there or not */
const MOST_RUNS = 1_000_000;
/** lines of events.jsonl, and of a flow's log: a day at 100 packets per second */
export const MOST_EVENTS = 10_000;
export const MOST_DELIVERIES = 10_000_000;
/** windows of host.json: several times what a day leaves */
const MOST_WINDOWS = 1_000_000;

const ns = z.number();
/** where an end listens */
const port = z.int().min(1).max(65_535);
/** seconds a timer of SCTP runs; only the first is needed, and an older folder may lack the others */
const timer = z.number().positive();
const counts = z.record(z.string(), z.number());
const count = z.number().min(0);

/** what is read of an ESP helper's own counts */
const helperStatistics = z.looseObject({
  agent: z.looseObject({ suppressed: count, retransmitted: count, snoop: counts.nullable() }).nullable(),
  stages: z.record(z.string(), z.looseObject({ packets: count, total: count })),
});

export const runSchema = z.looseObject({
  cell: z.string(),
  run: z.int().min(0),
  nullEvent: z.boolean(),
  seed: z.number(),
  epoch: z.int(),
  flowsStart: ns,
  flowsStop: ns,
  eventDue: ns.nullable(),
  interfaces: z
    .array(z.looseObject({ node: z.string(), interface: z.string(), mac: z.string(), addresses: z.array(z.string()) }))
    .max(MOST_INTERFACES),
  captures: z
    .array(z.looseObject({ node: z.string(), interface: z.string(), file: z.string(), captured: z.number(), dropped: z.number() }))
    .max(MOST_INTERFACES)
    .refine((list) => new Set(list.map(({ file }) => normalize(file))).size === list.length, 'two captures share a file'),
  flowsSent: counts,
  flowErrors: z.record(z.string(), counts).optional(),
  xfrmErrors: z.record(z.string(), counts),
  qdiscDrops: counts,
  bitErrors: z.record(z.string(), z.looseObject({ passed: count, dropped: count })).optional(),
  helpers: z.record(z.string(), helperStatistics).optional(),
  error: z.string().nullable(),
}) as unknown as z.ZodType<RunRecord>;

export const eventSchema = z.looseObject({
  index: z.int(),
  kind: z.string(),
  node: z.string(),
  requested: ns,
  issued: ns,
  confirmed: ns.nullable(),
  notifications: z.array(z.looseObject({ t: ns, what: z.string() })),
}) as unknown as z.ZodType<EventRecord>;

const counted = z.number().nullable();

export const hostSchema = z.looseObject({
  format: z.literal(1),
  epoch: z.int(),
  clockAhead: ns,
  duration: z.number(),
  cpus: z.number(),
  steal: z.number(),
  pressure: z.looseObject({ cpu: counted, io: counted, memory: counted }),
  waited: counted,
  own: counted,
  others: counted,
  load: z.number(),
  windows: z.array(z.looseObject({ from: ns, to: ns, late: z.number(), waited: counted, steal: z.number() })).max(MOST_WINDOWS),
}) as unknown as z.ZodType<HostDisturbance>;

/** the fourth stamp is there when `CPU` was measured */
export const deliverySchema = z.union([z.tuple([z.int(), ns, ns]), z.tuple([z.int(), ns, ns, ns])]) as z.ZodType<DeliveryRecord>;

const cellSchema = z.looseObject({
  cell: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  nodes: z.array(
    z.looseObject({
      name: z.string(),
      role: z.string().optional(),
      interfaces: z.array(z.looseObject({ name: z.string(), kind: z.string(), addresses: z.array(z.string()) })),
      snoop: z.looseObject({ wireless: z.string() }).optional(),
    }),
  ),
  ipsec: z
    .array(
      z.looseObject({
        name: z.string(),
        initiator: z.string(),
        responder: z.string(),
        initiatorAddress: z.string(),
        responderAddress: z.string(),
        mode: z.enum(['tunnel', 'transport']),
        virtualIp: z.string().optional(),
        responderNets: z.array(z.string()),
        initiatorNets: z.array(z.string()),
        mobility: z.string(),
      }),
    )
    .max(MOST_CONNECTIONS),
  wireguard: z
    .array(
      z.looseObject({
        name: z.string(),
        initiator: z.string(),
        responder: z.string(),
        responderAddress: z.string(),
        port,
        initiatorInner: z.string(),
        responderInner: z.string(),
      }),
    )
    .max(MOST_CONNECTIONS)
    .optional(),
  mml: z
    .array(
      z.looseObject({
        name: z.string(),
        initiator: z.string(),
        responder: z.string(),
        initiatorAddress: z.string(),
        responderAddress: z.string(),
        initiatorInner: z.string(),
        responderInner: z.string(),
        boundaries: z.array(z.number()),
        suite: z.string(),
        dynamic: z
          .looseObject({
            otherwise: z.enum(['plain', 'ipsec', 'mml']),
            perFlow: z.array(z.looseObject({ mode: z.enum(['plain', 'ipsec', 'mml']) })),
          })
          .optional(),
      }),
    )
    .max(MOST_CONNECTIONS)
    .optional(),
  flows: z.array(
    z.looseObject({
      name: z.string(),
      kind: z.enum(['udp', 'tcp', 'sctp', 'mptcp']),
      from: z.string(),
      to: z.string(),
      source: z.string(),
      destination: z.string(),
      sources: z.array(z.string()).max(MOST_ADDRESSES).optional(),
      destinations: z.array(z.string()).max(MOST_ADDRESSES).optional(),
      sctp: z
        .looseObject({
          rtoMin: timer,
          rtoInitial: timer.optional(),
          rtoMax: timer.optional(),
          heartbeat: timer.optional(),
          sackDelay: timer.optional(),
        })
        .optional(),
      port,
      rate: z.number(),
      size: z.number(),
      protectedBy: z.string().nullable(),
    }),
  ),
  timeline: z.array(z.looseObject({ kind: z.string(), node: z.string(), at: z.number() })),
  duration: z.number().min(0),
  paper: z.string().optional(),
  measure: z.array(z.enum(METRICS)),
});

const recordSchema = z.looseObject({
  format: z.literal(1),
  name: z.string(),
  id: z.string(),
  started: z.string(),
  seed: z.number(),
  runs: z.int().min(0).max(100_000),
  stopped: z.record(z.string(), z.int().min(1)).optional(),
  cells: z.array(cellSchema).max(MOST_CELLS),
  provenance: z.looseObject({
    roamlab: z.string(),
    backend: z.string(),
    accelerator: z.string(),
    clock: z.string(),
    kernel: z.string(),
    strongswan: z.string(),
    tools: z.record(z.string(), z.string()),
    patched: z.string().optional(),
    image: z.string().optional(),
    cpuRate: z.number().positive().optional(),
    host: z.string(),
  }),
});

export const experimentSchema = recordSchema.refine(({ cells, runs }) => cells.length * runs <= MOST_RUNS, {
  path: ['runs'],
  message: `more than ${MOST_RUNS} runs in all`,
}) as unknown as z.ZodType<ExperimentRecord>;
