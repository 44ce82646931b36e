import { describe, expect, test } from 'vitest';
import { wireguardConf } from '../../src/plan/wireguard.ts';
import { wireguardKeys } from '../../src/run/wireguard.ts';

/** RFC 7748 section 6.1 */
const ALICE = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';

describe('keys of WireGuard', () => {
  test('RFC 7748 section 6.1: Alice’s public key; the private one is clamped', () => {
    const { privateKey, publicKey } = wireguardKeys(ALICE);
    expect(Buffer.from(publicKey, 'base64').toString('hex')).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    const octets = Buffer.from(privateKey, 'base64');
    expect([octets.length, octets[0]! & 7, octets[31]! & 192]).toEqual([32, 0, 64]);
  });

  test('anything else than 256 bits is refused', () => {
    expect(() => wireguardKeys('00')).toThrow(RangeError);
  });
});

describe('what wg reads', () => {
  const tunnel = {
    ...{ name: 'path1', initiator: 'mn', responder: 'server', responderAddress: 'fd00::2', port: 51820 },
    ...{ initiatorInner: '10.10.1.1', responderInner: '10.9.1.1' },
  };
  const keys = { privateKey: (_: unknown, node: string) => `private ${node}`, publicKey: (_: unknown, node: string) => `public ${node}` };

  test('only the initiator knows where the other one is', () => {
    expect(wireguardConf(tunnel, 'mn', keys)).toBe(
      '[Interface]\nPrivateKey = private mn\nListenPort = 51820\n\n[Peer]\nPublicKey = public server\nAllowedIPs = 10.9.1.1/32\nEndpoint = [fd00::2]:51820\n',
    );
    expect(wireguardConf(tunnel, 'server', keys)).not.toContain('Endpoint');
    expect(wireguardConf(tunnel, 'server', keys)).toContain('AllowedIPs = 10.10.1.1/32');
  });
});
