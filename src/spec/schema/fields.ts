/**
 * Building blocks of the schema: quantities with units, addresses, `node:interface` references. Each turns what the
 * file says into SI values or parsed parts, reports through zod's custom issues with a code and a hint, and carries
 * the description and pattern that editors see.
 */
import { z } from 'zod';
import type { LinkEnd } from '../../types/experiment.ts';
import { parsePrefix } from '../address.ts';
import { parseBitErrorRate } from '../ber.ts';
import { BIT_RATE, BUFFER, BYTES, DURATION, PER_SECOND, PROBABILITY, parseQuantity, type Unit } from '../units.ts';

/** What a field wants to say beside zod's message; read by `zod-problems.ts`. */
export interface IssueParams {
  code: string;
  hint?: string | undefined;
}

function refuse(ctx: z.RefinementCtx, code: string, message: string, hint?: string): never {
  ctx.addIssue({ code: 'custom', message, params: { code, hint } satisfies IssueParams });
  return z.NEVER;
}

function quantity(unit: Unit, description: string, editor: Record<string, unknown>, min: number) {
  return z
    .unknown()
    .transform((raw, ctx): number => {
      const value = parseQuantity(unit, raw);
      if (typeof value !== 'number') return refuse(ctx, value.code, value.message, value.hint);
      if (value < min)
        return refuse(ctx, 'E_SPEC_RANGE', `${unit.what} must be at least ${min}`, min === 0 ? 'leave out the minus' : undefined);
      return value;
    })
    .meta({ description, ...editor });
}

const text = (pattern: string, ...examples: string[]) => ({ type: 'string', pattern, examples });

export const duration = (description: string, min = 0) =>
  quantity(DURATION, description, text('^[0-9.]+ ?(us|ms|s|min)$|^0$', '7.5ms', '2s'), min);
/** May be negative here: the timeline has its own words for that. */
export const instant = (description: string) =>
  quantity(DURATION, description, text('^[0-9.]+ ?(us|ms|s|min)$|^0$', '2s'), Number.NEGATIVE_INFINITY);
export const bitRate = (description: string) =>
  quantity(BIT_RATE, description, text('^[0-9.]+ ?([kmgKMG]?bit(/s)?)$|^0$', '10mbit', '1gbit'), 0);
export const probability = (description: string) =>
  quantity(PROBABILITY, description, { type: ['string', 'number'], examples: ['2%', 0.02] }, 0);
export const bytes = (description: string, min: number) =>
  quantity(BYTES, description, text('^[0-9.]+ ?(B|kB|KiB|MB|MiB)$', '200B', '1KiB'), min);
/** Size of a socket buffer. */
export const bufferSize = (description: string, min: number) =>
  quantity(BUFFER, description, text('^[0-9.]+ ?(B|kB|KiB|MB|MiB)$', '65535B', '64KiB'), min);
/** Errors per bit. */
export const bitErrorRate = (description: string) =>
  z
    .unknown()
    .transform((raw, ctx): number => {
      const value = parseBitErrorRate(raw);
      return typeof value === 'number' ? value : refuse(ctx, value.code, value.message, value.hint);
    })
    .meta({ description, type: ['string', 'number'], examples: ['1/512K', 1.9e-6, 0] });
/** 0 is accepted here: what it means, if anything, depends on what has the rate. */
export const perSecond = (description: string) => quantity(PER_SECOND, description, text('^[0-9.]+ ?/(s|min)$|^0$', '200/s'), 0);

/** Address with prefix length, as an interface carries it. */
export const interfaceAddress = z.string().superRefine((value, ctx) => {
  if (parsePrefix(value) === null) refuse(ctx, 'E_SPEC_ADDRESS', 'not an IP address', 'such as 10.1.0.2/24 or fd00:1::2/64');
  else if (!value.includes('/'))
    refuse(ctx, 'E_SPEC_ADDRESS', 'the prefix length is missing', `such as ${value}/${value.includes(':') ? 64 : 24}`);
});

/** Address alone. */
export const plainAddress = z.string().superRefine((value, ctx) => {
  if (value.includes('/'))
    refuse(ctx, 'E_SPEC_ADDRESS', 'an address without a prefix length belongs here', `such as ${value.split('/')[0]}`);
  else if (parsePrefix(value) === null) refuse(ctx, 'E_SPEC_ADDRESS', 'not an IP address', 'such as 10.1.0.2');
});

/** A network: host bits must be zero, because `ip route` and strongSwan would differ on what else it means. */
export const network = z.string().superRefine((value, ctx) => {
  const prefix = parsePrefix(value);
  if (prefix === null) refuse(ctx, 'E_SPEC_ADDRESS', 'not a network', 'such as 10.9.0.0/24');
  else if (prefix.value !== prefix.first)
    refuse(ctx, 'E_SPEC_ADDRESS', 'the network has host bits set', 'the part behind the prefix length must be zero');
});

/** `node:interface`; whether both exist is checked later. */
export const interfaceRef = z
  .string()
  .regex(/^[^:\s]+:[^:\s]+$/, { error: 'expected node:interface' })
  .transform((value): LinkEnd => {
    const [node, name] = value.split(':') as [string, string];
    return { node, interface: name };
  })
  .meta({ examples: ['mn:eth1'] });

const value = z.union([z.string(), z.number(), z.boolean()]);

/** In which cells of the matrix an entry exists; the variables and their values are checked later. */
export const only = z
  .record(z.string(), z.union([value, z.array(value).min(1).max(100)]))
  .optional()
  .describe('exists only in the cells in which these variables of the matrix have this value, or one of these: { access: [lte, wifi] }');
export type FileOnly = z.output<typeof only>;
