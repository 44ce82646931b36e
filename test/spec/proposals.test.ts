import { expect, test } from 'vitest';
import { proposalProblem } from '../../src/spec/proposals.ts';

test.each([
  ['ike', 'aes128-sha256-modp2048'],
  ['ike', 'aes256gcm16-prfsha384-ecp384'],
  ['ike', 'aes256-sha256-x25519-ke1_mlkem768,aes128-sha1-modp1024'],
  ['esp', 'aes128-sha1'],
  ['esp', 'aes128gcm16, chacha20poly1305'],
  ['esp', 'null-sha256'],
  ['esp', 'aes128-sha256-modp2048-esn'],
] as const)('%s %s', (protocol, text) => {
  expect(proposalProblem(protocol, text)).toBeNull();
});

test.each([
  ['ike', 'aes128-sha256', 'group'],
  ['ike', 'aes128-modp2048', 'integrity'],
  ['ike', 'sha256-modp2048', 'encryption'],
  ['esp', 'sha256', 'encryption'],
  ['esp', 'aes128', 'integrity'],
  ['esp', 'aes128-sha1!', '"sha1!"'],
  ['esp', '', '""'],
  ['esp', 'aes128-sha1,', '""'],
  ['esp', 'aes128-constructor', '"constructor"'],
] as const)('not %s %s', (protocol, text, named) => {
  expect(proposalProblem(protocol, text)?.message).toContain(named);
});
