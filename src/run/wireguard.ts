/** WireGuard's keys: they follow from the run's seed, as the pre-shared keys of IKE do. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { wireguardConf, wireguardFile } from '../plan/wireguard.ts';
import type { Handler } from './handler.ts';

/** What precedes the 32 octets of an X25519 private key in PKCS #8 (RFC 8410 section 7). */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Base64 of the private key that these 256 bits are (clamped as RFC 7748 section 5 has it), and of its public key. */
export function wireguardKeys(hex: string): { privateKey: string; publicKey: string } {
  const secret = Buffer.from(hex, 'hex');
  if (secret.length !== 32) throw new RangeError('a private key of WireGuard has 256 bits');
  secret[0]! &= 248;
  secret[31] = (secret[31]! & 127) | 64;
  const key = createPublicKey(createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' }));
  const publicKey = key.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { privateKey: secret.toString('base64'), publicKey: publicKey.toString('base64') };
}

/** Gives the interface its keys and its peer. */
export const setWireguard: Handler<'wireguard'> = async (context, { node, tunnel }) => {
  const keys = (owner: string) => wireguardKeys(context.psk(`${tunnel.name} ${owner}`));
  const conf = wireguardConf(tunnel, node, {
    privateKey: (_, owner) => keys(owner).privateKey,
    publicKey: (_, owner) => keys(owner).publicKey,
  });
  context.lab.write(node, wireguardFile(tunnel), conf, 0o600);
  await context.lab.exec(node, ['wg', 'setconf', tunnel.name, wireguardFile(tunnel)]);
};
