/** Timed mobility events, as the file writes them. */
import { z } from 'zod';
import { duration, instant, interfaceAddress, only, plainAddress } from './fields.ts';
import { route } from './nodes.ts';

const when = { at: instant('seconds after the flows started, such as 2s'), only };
const where = {
  node: z.string().describe('node the event happens to'),
  interface: z.string().describe('interface of that node'),
};

const connectionName = z.string().optional().describe('IPsec connection; default: the only one of the node');

const onInterface = <Kind extends string>(kind: Kind, description: string) =>
  z.strictObject({ ...when, event: z.literal(kind).describe(description), ...where }).describe(description);

export const event = z.discriminatedUnion('event', [
  onInterface('admin-down', "the interface is set down: the papers' Multihoming"),
  onInterface('interface-up', 'the interface is set up'),
  onInterface('carrier-off', 'the other end of the link goes down'),
  onInterface('blackhole', 'the path dies silently: packets vanish, no carrier change'),
  z
    .strictObject({
      ...when,
      event: z.literal('readdress'),
      ...where,
      address: interfaceAddress.describe('the new address'),
      routes: z.array(route).max(64).optional().describe("routes to add back; default: the node's routes over this interface"),
    })
    .describe("the interface gets another address: the papers' Mobility"),
  z
    .strictObject({
      ...when,
      event: z.literal('route-swap'),
      node: where.node,
      remove: z.array(route).max(64).default([]),
      add: z.array(route).max(64).default([]),
    })
    .describe('routes are exchanged in one batch'),
  z
    .strictObject({
      ...when,
      event: z.literal('make-before-break'),
      ...where,
      interface: z.string().describe('interface of that node to move to'),
      connection: connectionName,
      drain: z
        .union([z.literal('keep'), duration('until the old path is removed, whole seconds')])
        .default('keep')
        .describe('when the old path is removed: some seconds after the switch, or "keep"'),
    })
    .describe('soft handover: a path over the interface is added, then used (mobility: mobikex)'),
  z
    .strictObject({
      ...when,
      event: z.literal('mobike'),
      node: where.node,
      connection: connectionName,
      action: z.enum(['add', 'update', 'remove', 'probe']),
      local: plainAddress.describe('address of the node that the path starts from'),
    })
    .describe('one command to charon (mobility: mobikex)'),
  z
    .strictObject({
      ...when,
      event: z.literal('asconf'),
      flow: z.string().optional().describe('sctp flow; default: the only one'),
      action: z
        .enum(['add', 'delete', 'set-primary'])
        .describe('add: announce the address; delete: take it back; set-primary: ask the peer to send to it'),
      address: plainAddress.describe('address of the node that announces it: an end of the flow'),
    })
    .describe('an end of an SCTP association changes its addresses (RFC 5061)'),
]);
export type FileEvent = z.output<typeof event>;
