import { expect, it } from 'vitest';
import { deliverySchema, experimentSchema } from '../../src/report/folder/schema.ts';
import type { CellExperiment } from '../../src/types/experiment.ts';
import type { ExperimentRecord } from '../../src/types/run.ts';
import { world } from '../metrics/association.ts';
import { cell, flow } from '../metrics/build.ts';

const record = (one: CellExperiment, cpuRate?: number): ExperimentRecord => ({
  ...{ format: 1, name: 'hand-made', id: 'x', started: '', seed: 1, runs: 1, cells: [one] },
  provenance: {
    ...{ roamlab: '1', backend: 'vm', accelerator: 'tcg', clock: 'virtual', kernel: '6', strongswan: '5', tools: {}, host: 'here' },
    ...(cpuRate === undefined ? {} : { cpuRate }),
  },
});

it('a receiver may stamp when it read a packet', () => {
  expect(deliverySchema.safeParse([0, 1, 2]).success).toBe(true);
  expect(deliverySchema.parse([0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
  for (const bad of [
    [0, 1],
    [0, 1, 2, 3, 4],
    [0, 1, 2, null],
    [0.5, 1, 2],
  ])
    expect(deliverySchema.safeParse(bad).success).toBe(false);
});

it('cells with associations and WireGuard are read as they are', () => {
  const tunnel = { ...{ name: 'wg', initiator: 'mn', responder: 'sgw', responderAddress: '10.3.0.2' }, port: 51_820 };
  const wireguard = [{ ...tunnel, initiatorInner: '10.20.0.1', responderInner: '10.20.0.2' }];
  for (const one of [world('tunnel'), cell({ ipsec: [], wireguard, flows: [flow('up', 0, { kind: 'mptcp', protectedBy: 'wg' })] })]) {
    expect(experimentSchema.parse(record(one, 1e9)).cells[0]).toEqual(one);
  }
  const broken = { ...cell(), wireguard: [tunnel] } as never;
  expect(experimentSchema.safeParse(record(broken)).success).toBe(false);
  expect(experimentSchema.safeParse(record(cell(), -1)).success).toBe(false);
});

it('what no run has is refused', () => {
  const inner = { initiatorInner: '10.20.0.1', responderInner: '10.20.0.2' };
  const tunnel = (port: number) => ({ name: 'wg', initiator: 'mn', responder: 'sgw', responderAddress: '10.3.0.2', port, ...inner });
  const accepts = (fields: Partial<CellExperiment>): boolean => experimentSchema.safeParse(record(cell(fields))).success;
  const many = <T>(one: T): T[] => Array.from({ length: 1001 }, () => one);
  expect(accepts({ wireguard: [tunnel(51_820)] })).toBe(true);
  for (const port of [0, 1.5, 65_536]) {
    expect(accepts({ wireguard: [tunnel(port)] })).toBe(false);
    expect(accepts({ flows: [flow('up', 0, { port })] })).toBe(false);
  }
  expect(accepts({ wireguard: many(tunnel(51_820)) })).toBe(false);
  expect(accepts({ ipsec: many(cell().ipsec[0]!) })).toBe(false);
  const timed = (sctp: object) => accepts({ flows: [flow('up', 0, { kind: 'sctp', sctp: sctp as never })] });
  expect(timed({ rtoMin: 1, sackDelay: 0.2 })).toBe(true);
  for (const sctp of [{ rtoMin: 0 }, { rtoMin: 1, sackDelay: -1 }]) expect(timed(sctp)).toBe(false);
});
