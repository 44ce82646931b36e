import { expect, test } from 'vitest';
import { packAddresses, packPrimary } from '../../src/host/sctp.ts';

const V4 = `020013880a010002${'00'.repeat(8)}`;
const V6 = '0a001388' + '00000000' + 'fd000001000000000000000000000002' + '00000000';

test('addresses of sctp_bindx stand one after the other, each as long as its family has it', () => {
  expect(packAddresses(['10.1.0.2', 'fd00:1::2'], 5000).toString('hex')).toBe(V4 + V6);
  expect(packAddresses([], 5000)).toHaveLength(0);
});

test('a primary address is in a sockaddr_storage behind the association', () => {
  const rest = (used: string) => '00'.repeat(128 - used.length / 2);
  expect(packPrimary('10.1.0.2', 5000).toString('hex')).toBe(`00000000${V4}${rest(V4)}`);
  expect(packPrimary('fd00:1::2', 5000).toString('hex')).toBe(`00000000${V6}${rest(V6)}`);
});
