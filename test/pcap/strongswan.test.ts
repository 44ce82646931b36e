/**
 * Two strongSwan 5.9.8 charons with kernel-libipsec (fixtures/strongswan-*): set up with IKE fragments, four datagrams and
 * their ICMP answers, a MOBIKE update from 192.0.2.1 to .3 with the rekeying libipsec needs. Keys come from charon's log.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeFrames, EXCHANGE, loadKeys, NOTIFY, parsePayload, readCapture, readPackets } from '../../src/pcap/index.ts';
import type { Packet } from '../../src/types/packet.ts';

const SUITES = ['cbc', 'gcm'] as const;

async function decode(suite: (typeof SUITES)[number]): Promise<{ packets: Packet[]; epoch: number }> {
  const folder = join(import.meta.dirname, 'fixtures', `strongswan-${suite}`);
  const { frames, epoch } = await readCapture(join(folder, 'capture.pcap'));
  return { packets: decodeFrames(frames, await loadKeys(folder)), epoch };
}

describe.each(SUITES)('%s', (suite) => {
  test('reading in one go gives the same packets', async () => {
    const folder = join(import.meta.dirname, 'fixtures', `strongswan-${suite}`);
    const all = await readPackets(join(folder, 'capture.pcap'), { keys: await loadKeys(folder) });
    const { packets, epoch } = await decode(suite);
    expect(all).toEqual({ format: 'pcap', epoch, truncated: false, warnings: [], packets });
  });

  test('every IKE message opens', async () => {
    const { packets } = await decode(suite);
    const messages = packets.flatMap(({ ike }) => (ike ? [ike] : []));
    expect(messages.length).toBeGreaterThan(15);
    expect(messages.filter((ike) => !ike.decrypted)).toEqual([]);
  });

  test('the MOBIKE update: request, answer with the same cookie, and the addresses it came from', async () => {
    const { packets } = await decode(suite);
    const request = packets.find(({ ike }) => ike?.notifies.some((n) => n.type === NOTIFY.UPDATE_SA_ADDRESSES))!;
    const answer = packets.find(
      ({ ike }) => ike?.response && ike.exchange === EXCHANGE.INFORMATIONAL && ike.messageId === request.ike!.messageId,
    )!;
    const cookie = ({ ike }: Packet) => Buffer.from(ike!.notifies.find((n) => n.type === NOTIFY.COOKIE2)!.data).toString('hex');
    expect([request.src, answer.dst]).toEqual(['192.0.2.3', '192.0.2.3']);
    expect(request.ike!.notifies.map((n) => n.type)).toEqual([
      NOTIFY.UPDATE_SA_ADDRESSES,
      NOTIFY.NAT_DETECTION_SOURCE_IP,
      NOTIFY.NAT_DETECTION_DESTINATION_IP,
      NOTIFY.COOKIE2,
      NOTIFY.NO_ADDITIONAL_ADDRESSES,
    ]);
    expect(cookie(answer)).toBe(cookie(request));
    expect(answer.t).toBeGreaterThan(request.t);
  });

  test('MOBIKE is agreed in IKE_AUTH', async () => {
    const { packets } = await decode(suite);
    const auth = packets.flatMap(({ ike }) => (ike?.exchange === EXCHANGE.IKE_AUTH && ike.payloads[0] !== 53 ? [ike] : []));
    expect(auth.map((ike) => ike.notifies.some((n) => n.type === NOTIFY.MOBIKE_SUPPORTED))).toEqual([true, true]);
  });

  test('every ESP packet opens; the flow inside is ours, in order, received after it was sent', async () => {
    const { packets, epoch } = await decode(suite);
    const inner = packets.flatMap((packet) => (packet.esp ? [packet.esp.inner] : []));
    expect(inner).not.toContain(null);
    const flow = inner
      .filter((packet) => packet!.dstPort === 5001)
      .map((packet) => ({ t: packet!.t, ...parsePayload(packet!.payload, epoch)! }));
    expect(flow.map(({ seq }) => seq)).toEqual(suite === 'cbc' ? [0, 1, 2, 3] : [0, 1, 2, 3, 0, 1, 2]);
    expect(flow.every(({ t, sent }) => sent > 0 && sent < t)).toBe(true);
    expect(inner.filter((packet) => packet!.protocol === 1)).toHaveLength(flow.length);
  });
});
