/** Keys of an end are taken once: IVs and sequence numbers begin again with them. */
import { expect, test } from 'vitest';
import { EndKeys } from '../../src/helper/end/keys.ts';
import { tunnelKeys } from './build/keys.ts';
import { HA, MN } from './build/nodes.ts';

const first = tunnelKeys('tun0', MN, HA, { ipsec: true });
const second = tunnelKeys('tun0', MN, HA, { suite: 'aes256-gcm16' });

test.each(['send', 'receive'] as const)('%s: keys that were in use are not taken again, and those in force stay', (role) => {
  const keys = new EndKeys(role, null);
  keys.set(first, true);
  expect(() => keys.set(first, true)).toThrow('in use before');
  keys.set(second, true);
  const { main } = keys;
  expect(() => keys.set(first, true)).toThrow('in use before');
  // one of several is enough
  expect(() => keys.set({ ...second, ipsec: null, [role]: { ...first.ipsec![role] } }, true)).toThrow('in use before');
  expect(keys.main).toBe(main);
  expect(main!.destroyed).toBe(false);
  keys.wipe();
  expect(() => keys.set(second, true)).toThrow('in use before');
});

test('keys that were not right may come again when they are', () => {
  const keys = new EndKeys('send', null);
  const short = { ...first, send: { ...first.send, sas: [first.send.sas[0]!] } };
  expect(() => keys.set(short, true)).toThrow(TypeError);
  keys.set(first, true);
  expect(keys.main!.spi).toBe(first.send.sas[0]!.spi);
  keys.wipe();
});
