/** Nodes, their interfaces and routes, as the file writes them. */
import { z } from 'zod';
import { parsePrefix } from '../address.ts';
import { duration, interfaceAddress, network, plainAddress } from './fields.ts';
import { snoop } from './snoop.ts';

const destination = z.union([z.literal('default'), network]);

const routeObject = z.strictObject({
  to: destination.describe('destination network, or "default"'),
  via: plainAddress.optional().describe('next hop'),
  dev: z.string().optional().describe('interface of this node'),
  metric: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional()
    .describe('lower wins; 0 when left out'),
  table: z.int().min(1).max(252).optional().describe('routing table for "rules"; left out: main'),
});
export type FileRoute = z.output<typeof routeObject>;

const isTable = (text: string): boolean => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 252;

/** `default via 10.1.0.1 dev eth1 metric 200`: the words of `ip route`, in any order after the destination. */
function parseRoute(text: string): FileRoute | string {
  const [to, ...words] = text.trim().split(/\s+/) as [string, ...string[]];
  const prefix = parsePrefix(to);
  if (to !== 'default' && prefix === null) return `"${to}" is no destination`;
  if (prefix !== null && prefix.value !== prefix.first) return `"${to}" has host bits set`;
  const route: FileRoute = { to };
  for (let i = 0; i < words.length; i += 2) {
    const [word, value] = [words[i]!, words[i + 1]];
    if (value === undefined) return `"${word}" has no value`;
    if (word === 'via' && route.via === undefined) {
      if (value.includes('/') || parsePrefix(value) === null) return `"${value}" is no next hop`;
      route.via = value;
    } else if (word === 'dev' && route.dev === undefined) route.dev = value;
    else if (word === 'metric' && route.metric === undefined && /^\d{1,9}$/.test(value)) route.metric = Number(value);
    else if (word === 'table' && route.table === undefined && isTable(value)) route.table = Number(value);
    else return `"${word} ${value}" is not understood`;
  }
  return route.via === undefined && route.dev === undefined ? 'neither "via" nor "dev"' : route;
}

const routeText = z
  .string()
  .transform((text, ctx): FileRoute => {
    const route = parseRoute(text);
    if (typeof route !== 'string') return route;
    const hint = 'such as "default via 10.1.0.1 metric 200"';
    ctx.addIssue({ code: 'custom', message: `not a route: ${route}`, params: { code: 'E_SPEC_ROUTE', hint } });
    return z.NEVER;
  })
  .meta({ examples: ['default via 10.1.0.1', '10.9.0.0/24 via 10.1.0.1 metric 200'] });

export const route = z.union([routeText, routeObject]).describe('"default via 10.1.0.1 metric 200", or its parts');

const interfaceObject = z.strictObject({
  address: interfaceAddress.optional().describe('with prefix length'),
  addresses: z.array(interfaceAddress).max(16).optional().describe('several, instead of "address"'),
  kind: z.enum(['veth', 'dummy']).default('veth').describe('veth: end of a link; dummy: a network behind the node that needs no link'),
  mtu: z.int().min(576).max(9000).default(1500).describe('bytes'),
  up: z.boolean().default(true).describe('false: starts administratively down'),
});
export type FileInterface = z.output<typeof interfaceObject>;

const nodeInterface = z
  .union([interfaceAddress.transform((address): FileInterface => ({ address, kind: 'veth', mtu: 1500, up: true })), interfaceObject])
  .describe('an address such as 10.1.0.2/24, or its parts');

const rule = z
  .string()
  .transform((text, ctx): { from: string; table: number } => {
    const [, from = '', table = ''] = /^from (\S+) table (\d{1,3})$/.exec(text.trim()) ?? [];
    if (parsePrefix(from) !== null && !from.includes('/') && isTable(table)) return { from, table: Number(table) };
    ctx.addIssue({ code: 'custom', message: 'not a rule', params: { code: 'E_SPEC_RULE', hint: 'such as "from 10.2.0.2 table 2"' } });
    return z.NEVER;
  })
  .meta({ examples: ['from 10.2.0.2 table 2'] });

const charon = z
  .strictObject({
    build: z.enum(['stock', 'patched']).optional().describe('as Debian ships it, or with MOBIKE-X; default: what the rest needs'),
    roamDelay: duration('in which kernel events are collected before charon reacts; stock: 100ms').optional(),
    probe: z.boolean().optional().describe('false: MOBIKE updates at once, without probing the path; stock: true'),
    probeInterval: duration('between probes; stock: 2.5s', 0.001).optional(),
    rrc: z
      .enum(['before', 'after', 'no'])
      .optional()
      .describe('return routability check of the peer’s new address before it is used (default), after, or not at all'),
    maxPaths: z.int().min(1).max(64).optional().describe('paths per IKE_SA; default 4'),
    peerAddresses: z.array(network).min(1).max(16).optional().describe('networks peers may move to; default: any'),
  })
  .describe('how charon is built and set on this node');
export type FileCharon = z.output<typeof charon>;

export const node = z
  .strictObject({
    role: z.enum(['MN', 'SGW', 'server', 'router']).optional().describe('what the node is in the papers; a router and an SGW forward'),
    forwarding: z.boolean().optional().describe('forwards packets between its interfaces; default: true for role router and SGW'),
    interfaces: z.record(z.string(), nodeInterface).describe('interfaces by name, at most 15 characters'),
    routes: z.array(route).max(64).default([]).describe('static routes'),
    rules: z.array(rule).max(64).optional().describe('policy routing: "from <own address> table <number>"'),
    charon: charon.optional(),
    snoop: snoop.optional(),
  })
  .describe('one host: a network namespace of its own');
export type FileNode = z.output<typeof node>;
