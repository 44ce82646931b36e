/** A whole run with helpers on this machine: links without shapes, no charon. Root and /dev/net/tun are needed. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markedProcesses, ownerMark } from '../../src/host/owner.ts';
import type { Step } from '../../src/plan/step.ts';
import { closeInstruments, type Instruments, openInstruments } from '../../src/run/context.ts';
import { executeRun } from '../../src/run/execute.ts';
import type { CellExperiment, LabInterface, LabNode } from '../../src/types/experiment.ts';
import type { CsaKeys } from '../../src/types/keys.ts';
import type { RunRecord } from '../../src/types/run.ts';

const veth = (name: string, ...addresses: string[]): LabInterface => ({ name, kind: 'veth', addresses, mtu: 1500, up: true });
const node = (name: string, interfaces: LabInterface[], via?: string): LabNode => ({
  ...{ name, forwarding: via === undefined, interfaces },
  routes: via === undefined ? [] : [{ to: 'default', via }],
});
const at = (where: string) => {
  const [name = '', dev = ''] = where.split(':');
  return { node: name, interface: dev };
};

/** The responder's inner address is on its link: a kernel without dummy interfaces will do. */
const CELL: CellExperiment = {
  ...{ name: 'helpers', cell: 'all', values: {}, ipsec: [], timeline: [], duration: 0.5, measure: ['goodput'], captures: [] },
  nodes: [
    node('ha', [veth('eth0', '10.3.0.2/24', '10.9.0.1/24')], '10.3.0.1'),
    node('fa', [veth('w0', '10.3.0.1/24'), veth('wl0', '10.1.0.1/24')]),
    node('mn', [veth('wl0', '10.1.0.2/24')], '10.1.0.1'),
  ],
  links: [
    { name: 'wired', ends: [at('ha:eth0'), at('fa:w0')], forward: null, backward: null },
    { name: 'radio', ends: [at('fa:wl0'), at('mn:wl0')], forward: null, backward: null, bitErrors: { ber: 2e-4, seed: null } },
  ],
  mml: [
    {
      ...{ name: 'zones', initiator: 'mn', responder: 'ha', initiatorAddress: '10.1.0.2', responderAddress: '10.3.0.2' },
      ...{ initiatorInner: '10.10.0.2', responderInner: '10.9.0.1', mtu: 1400, boundaries: [40], suite: 'aes128-gcm16' },
      ...{ layout: 'P', bind: 'hdr', encapsulation: 'esp', agents: ['fa'], speed: 'faithful' },
    },
  ],
  flows: [
    {
      ...{ name: 'down', kind: 'udp', from: 'ha', to: 'mn', source: '10.9.0.1', destination: '10.10.0.2' },
      ...{ port: 7000, rate: 500, size: 200, protectedBy: 'zones' },
    },
  ],
};

describe.runIf(process.getuid?.() === 0 && existsSync('/dev/net/tun'))('as root, with TUN devices', { timeout: 60_000 }, () => {
  const results = mkdtempSync(join(tmpdir(), 'roamlab-test-'));
  let instruments: Instruments;

  beforeAll(() => {
    instruments = openInstruments();
  });
  afterAll(async () => {
    await closeInstruments(instruments);
    rmSync(results, { recursive: true, force: true });
  });

  async function run(folder: string, cell = CELL, onStep: (step: Step) => void = () => {}): Promise<RunRecord> {
    const capabilities = { charon: null, patchedCharon: null, netemSeed: false };
    const request = { cell, run: 1, nullEvent: false, seed: 1, folder: join(results, folder) };
    return executeRun(request, { capabilities, instruments, signal: new AbortController().signal, onStep });
  }

  const helpers = () => markedProcesses().filter(({ owner, command }) => owner === ownerMark() && command.startsWith(process.execPath));

  test('counts of helpers and of bit errors add up; keys are left for who reads captures', async () => {
    const { error, helpers: counted = {}, bitErrors = {}, flowsSent } = await run('one');
    expect(error).toBeNull();
    const sealed = counted.ha!.tunnels.zones!.out;
    const opened = counted.mn!.tunnels.zones!.in;
    const { dropped = 0 } = bitErrors['mn:wl0'] ?? {};
    expect(sealed.packets).toBe(flowsSent.down);
    expect(dropped).toBeGreaterThan(0);
    expect(opened).toMatchObject({ packets: sealed.packets - dropped, refused: {} });
    expect(counted.fa!.agent!.opened).toBe(sealed.packets);
    const csas = JSON.parse(readFileSync(join(results, 'one/keys/csa.json'), 'utf8')) as CsaKeys[];
    expect(csas.map(({ src }) => src)).toEqual(['10.1.0.2', '10.3.0.2']);
    expect(existsSync(join(results, 'one/keys/esp_sa'))).toBe(false);
    expect(helpers()).toEqual([]);
  });

  test('one that is lost fails the run, and the others end', async () => {
    const { error } = await run('lost', CELL, (step) => {
      const [one] = step.do === 'wait' ? helpers() : [];
      if (one !== undefined) process.kill(one.pid, 'SIGKILL');
    });
    expect(error).toMatch(/the helper of (ha|fa|mn) ended: no message/);
    expect(helpers()).toEqual([]);
  });

  test('what it refuses is in the record', async () => {
    const { error } = await run('refused', { ...CELL, mml: CELL.mml!.map((tunnel) => ({ ...tunnel, name: 'wl0' })) });
    expect(error).toMatch(/^helper: .*wl0.*\[E_HELPER\]/);
    expect(helpers()).toEqual([]);
  });

  test('an abort leaves none', async () => {
    const abort = new AbortController();
    const signal = abort.signal;
    const capabilities = { charon: null, patchedCharon: null, netemSeed: false };
    const request = { cell: CELL, run: 1, nullEvent: false, seed: 1, folder: join(results, 'aborted') };
    const onStep = (step: Step) => {
      if (step.do === 'capture' || step.do === 'bit-errors') abort.abort(new Error('enough'));
    };
    await expect(executeRun(request, { capabilities, instruments, signal, onStep })).rejects.toThrow('enough');
    expect(helpers()).toEqual([]);
  });
});
