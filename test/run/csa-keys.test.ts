import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyLength, splitKeys, suiteNamed } from '../../src/mlipsec/index.ts';
import { parseCsaFile } from '../../src/pcap/keys/csa-file.ts';
import { formatEspTable, parseEspTable } from '../../src/pcap/keys/esp-table.ts';
import { agentKeys, allCsas, endKeys, ordinaryEsp, tunnelSecrets } from '../../src/run/csa-keys.ts';
import type { MmlTunnel } from '../../src/types/experiment.ts';

const tunnel = (more: Partial<MmlTunnel> = {}): MmlTunnel => ({
  ...{ name: 's2s', initiator: 'mn', responder: 'ha', initiatorAddress: '10.1.0.2', responderAddress: '10.3.0.2' },
  ...{ initiatorInner: '10.10.0.2', responderInner: '10.9.0.1', mtu: 1410, boundaries: [40], suite: 'aes128-gcm16' },
  ...{ layout: 'P', bind: 'hdr', encapsulation: 'esp', agents: ['fa'], speed: 'faithful' },
  ...more,
});
const secret = (seed: number) => (label: string) => createHmac('sha256', String(seed)).update(label).digest('hex');
const DYNAMIC = { everyNth: 2, otherwise: 'ipsec' as const, perFlow: [] };

describe('keys of a run', () => {
  test('follow from the seed, and from nothing else', () => {
    expect(tunnelSecrets([tunnel()], secret(1))).toEqual(tunnelSecrets([tunnel()], secret(1)));
    const material = (seed: number) => allCsas(tunnelSecrets([tunnel()], secret(seed))).flatMap(({ sas }) => sas.map((sa) => sa!.material));
    expect(new Set([...material(1), ...material(2)]).size).toBe(8);
  });

  test('of each tunnel, direction and zone are its own, as are SPIs, none of them reserved', () => {
    const tunnels = [tunnel(), tunnel({ name: 'other', dynamic: DYNAMIC }), tunnel({ name: 'more', boundaries: [20, 40] })];
    const sas = allCsas(tunnelSecrets(tunnels, secret(3))).flatMap((csa) => csa.sas.map((sa) => sa!));
    expect(sas).toHaveLength(4 + 6 + 6);
    expect(new Set(sas.map(({ material }) => material)).size).toBe(sas.length);
    expect(new Set(sas.map(({ spi }) => spi)).size).toBe(sas.length);
    for (const { spi } of sas) expect(spi).toBeGreaterThanOrEqual(256);
  });

  test('an SPI that is taken or reserved is drawn again', () => {
    const worn = (label: string) => (/ spi [01]$/.test(label) ? '000000ff'.padEnd(64, '0') : secret(1)(label));
    const spis = allCsas(tunnelSecrets([tunnel()], worn)).flatMap(({ sas }) => sas.map((sa) => sa!.spi));
    expect(new Set(spis).size).toBe(4);
    expect(Math.min(...spis)).toBeGreaterThanOrEqual(256);
  });

  test.each(['aes256-gcm16', 'aes128-cbc/sha1-96', 'null/sha256-128', '3des-cbc/none'])('%s gets as many octets as it takes', (suite) => {
    for (const { sas } of allCsas(tunnelSecrets([tunnel({ suite, bind: 'none' })], secret(1)))) {
      for (const sa of sas) expect(sa!.material).toHaveLength(2 * keyLength(suiteNamed(suite, { fidelity: true })));
    }
  });
});

describe('who is told what', () => {
  const [secrets] = tunnelSecrets([tunnel({ dynamic: DYNAMIC })], secret(5));

  test('what one end sends with the other receives with', () => {
    const [mn, ha] = [endKeys(secrets!, 'mn'), endKeys(secrets!, 'ha')];
    expect([mn.send, mn.receive]).toEqual([ha.receive, ha.send]);
    expect([mn.ipsec?.send, mn.ipsec?.receive]).toEqual([ha.ipsec?.receive, ha.ipsec?.send]);
    expect(mn.send).toMatchObject({ src: '10.1.0.2', dst: '10.3.0.2', layout: 'P', bind: 'hdr', boundaries: [40] });
    expect(mn.ipsec?.send).toMatchObject({ src: '10.1.0.2', dst: '10.3.0.2', bind: 'none', boundaries: [] });
    expect(endKeys(tunnelSecrets([tunnel()], secret(5))[0]!, 'mn').ipsec).toBeNull();
  });

  test('an agent: zone 1 of both directions, and nothing of the payload’s', () => {
    const keys = agentKeys(secrets!);
    expect(keys.map(({ src, sas }) => [src, sas.map((sa) => sa !== null)])).toEqual([
      ['10.1.0.2', [true, false]],
      ['10.3.0.2', [true, false]],
    ]);
    const text = JSON.stringify(keys);
    for (const { sas } of allCsas([secrets!])) for (const sa of sas.slice(1)) expect(text).not.toContain(sa!.material);
    for (const { sas } of [secrets!.ipsec!.forth, secrets!.ipsec!.back]) expect(text).not.toContain(sas[0]!.material);
  });
});

describe('for who reads captures', () => {
  test('the file is what a reader of it takes', () => {
    const csas = allCsas(tunnelSecrets([tunnel({ dynamic: DYNAMIC })], secret(5)));
    expect(parseCsaFile(JSON.stringify(csas))).toEqual(csas);
  });

  test.each([
    ['aes128-gcm16', 'aes128gcm16', 'none'],
    ['aes256-gcm16', 'aes256gcm16', 'none'],
    ['aes128-cbc/sha1-96', 'aes128', 'sha1'],
    ['aes256-cbc/sha256-128', 'aes256', 'sha256'],
    ['null/sha1-96', 'null', 'sha1'],
    ['3des-cbc/none', '3des', 'none'],
    ['3des-cbc/sha1-96', '3des', 'sha1'],
  ])('%s in one zone is ordinary ESP: %s, %s', (suite, encr, integ) => {
    const csas = allCsas(tunnelSecrets([tunnel({ suite, boundaries: [] })], secret(5)));
    const found = ordinaryEsp(csas);
    expect(found.map((key) => [key.encr, key.integ, key.spi])).toEqual(csas.map(({ sas }) => [encr, integ, sas[0]!.spi]));
    const { enc, salt, auth } = splitKeys(suiteNamed(suite, { fidelity: true }), Buffer.from(csas[0]!.sas[0]!.material, 'hex'));
    expect(Buffer.from(found[0]!.encrKey)).toEqual(Buffer.concat([enc, salt]));
    expect(Buffer.from(found[0]!.integKey)).toEqual(Buffer.from(auth));
    expect(parseEspTable(formatEspTable(found)).map(({ spi }) => spi)).toEqual(found.map(({ spi }) => spi));
  });

  test('zones are not', () => {
    expect(ordinaryEsp(allCsas(tunnelSecrets([tunnel()], secret(5))))).toEqual([]);
  });
});
