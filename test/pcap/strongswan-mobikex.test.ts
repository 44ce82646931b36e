/**
 * Two charons of strongSwan 6.1.0 with the patch series of images/strongswan (fixtures/strongswan-mobikex): a path is added,
 * checked and given a CHILD_SA, the traffic switched to it, and the old path removed. IKE messages of both interfaces.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exchangeName, isPathCheck, loadKeys, notifyText, readPackets } from '../../src/pcap/index.ts';

test('says what it does with paths', async () => {
  const folder = join(import.meta.dirname, 'fixtures', 'strongswan-mobikex');
  const { packets } = await readPackets(join(folder, 'capture.pcap'), { keys: await loadKeys(folder) });
  const said = packets.slice(2).map(({ src, ike }) => {
    const texts = ike!.notifies.map(notifyText).filter((text) => /MOBIKEX|PATH|_SA_ADDRESS/.test(text));
    const what = isPathCheck(ike!) ? 'path check' : texts.join();
    return `${src} ${exchangeName(ike!.exchange)} ${ike!.messageId}${ike!.response ? ' response' : ''} ${what}`.trimEnd();
  });
  expect(said).toEqual([
    '10.1.0.2 IKE_AUTH 1 MOBIKEX_SUPPORTED v1 flags 0x03 max 4',
    '10.3.0.2 IKE_AUTH 1 response MOBIKEX_SUPPORTED v1 flags 0x03 max 4',
    '10.2.0.2 INFORMATIONAL 2 ADD_SA_ADDRESS path 1 10.2.0.2:4500',
    '10.3.0.2 INFORMATIONAL 2 response PATH_STATUS 1 rrc-pending',
    '10.3.0.2 INFORMATIONAL 0 path check',
    '10.2.0.2 INFORMATIONAL 0 response',
    '10.2.0.2 CREATE_CHILD_SA 3 ADD_SA_ADDRESS path 1 10.2.0.2:4500',
    '10.3.0.2 CREATE_CHILD_SA 3 response',
    '10.2.0.2 INFORMATIONAL 4 UPDATE_SA_ADDRESSES path 0 -> 1',
    '10.3.0.2 INFORMATIONAL 4 response PATH_STATUS 1 ok',
    '10.2.0.2 INFORMATIONAL 5 REMOVE_SA_ADDRESS path 0',
    '10.3.0.2 INFORMATIONAL 5 response PATH_STATUS 0 ok',
    '10.2.0.2 INFORMATIONAL 6',
    '10.3.0.2 INFORMATIONAL 6 response',
  ]);
});
