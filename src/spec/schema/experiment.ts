/** The experiment file as a whole. Everything an editor completes is described here. */
import { z } from 'zod';
import { METRICS } from '../../types/experiment.ts';
import { duration, interfaceRef } from './fields.ts';
import { flow } from './flows.ts';
import { connection } from './ipsec.ts';
import { link } from './links.ts';
import { node } from './nodes.ts';
import { event } from './timeline.ts';

/** Settings of the whole experiment: no matrix references here. */
export const GLOBAL_KEYS = ['name', 'title', 'description', 'paper', 'runs', 'seed', 'clock', 'cpuRate', 'backend'] as const;

/** What instruction counting offers: 1000 MIPS halved, again and again. */
export const CPU_RATES = ['1000 MIPS', '500 MIPS', '250 MIPS', '125 MIPS', '62.5 MIPS'] as const;
/** Instructions per virtual second. */
export const instructionsPerSecond = (rate: (typeof CPU_RATES)[number]): number => Number.parseFloat(rate) * 1e6;

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const experiment = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, { error: 'a lower-case letter, then lower-case letters, digits or dashes' })
    .describe('name of the experiment and of its result folder'),
  title: z.string().max(200).optional().describe('one line for reports'),
  description: z.string().max(5000).optional().describe('what the experiment shows, and why'),
  paper: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, { error: 'a lower-case letter, then lower-case letters, digits or dashes' })
    .optional()
    .describe('id of the paper whose values the results are held against'),
  runs: z.int().min(1).max(1000).default(10).describe('repetitions of each cell'),
  seed: z.int().min(0).max(4294967295).default(1).describe('seed of everything random'),
  clock: z
    .enum(['auto', 'real', 'virtual'])
    .default('auto')
    .describe(
      'real: wall time; virtual: an emulated guest counts instructions, the host cannot disturb it; auto: virtual where the guest is emulated',
    ),
  cpuRate: z
    .enum(CPU_RATES)
    .default('1000 MIPS')
    .describe('speed of the virtual clock’s processor, in millions of instructions per virtual second'),
  backend: z.enum(['auto', 'netns', 'vm']).default('auto').describe('where it runs; auto: wherever its features are available'),
  duration: duration('flow start to flow stop', 0.1).prefault('4s'),
  matrix: z
    .record(z.string(), z.array(scalar).min(1))
    .optional()
    .describe('named lists of values; each combination is a cell; "$" and its name in braces stand for the value'),
  nodes: z.record(z.string(), node).describe('hosts by name'),
  links: z.array(link).max(128).default([]).describe('cables between interfaces'),
  ipsec: z.record(z.string(), connection).default({}).describe('IPsec connections and tunnels by name'),
  flows: z.record(z.string(), flow).default({}).describe('test traffic by name'),
  timeline: z.array(event).max(100).default([]).describe('what happens when'),
  measure: z
    .array(z.enum(METRICS))
    .min(1)
    .optional()
    .describe('metrics wanted; default: all but CPU and stages, which cost time stamps for every packet'),
  capture: z
    .array(interfaceRef)
    .max(128)
    .optional()
    .describe(
      'interfaces captured; default: all ends of links and of tunnels with an interface (WireGuard, mml); such ends with flows are added',
    ),
});
export type ExperimentFile = z.output<typeof experiment>;
