/** strongSwan's ESP in user space, kernel-libipsec: AES-128-GCM in UDP, which the plugin forces by pretending that there is a NAT. */
import { existsSync } from 'node:fs';
import { programPath } from '../../../src/host/packages.ts';
import { findProgram } from '../../../src/host/path.ts';
import { waitFor } from '../../../src/host/wait.ts';
import type { LabProcess } from '../../../src/lab/lab.ts';
import type { Carrier, Contender } from './contender.ts';
import { end, INNER, OUTER, other, type Pair, pidOf, SIDES, type Side } from './pair.ts';

const PLUGIN = '/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so';
const VICI = 'unix:///run/bench.vici';
const PLUGINS = 'random nonce openssl sha1 sha2 hmac kdf kernel-libipsec kernel-netlink socket-default vici';

const settings = `charon {
  load = ${PLUGINS}
  plugins { vici { socket = ${VICI} } }
  filelog { stderr { default = 0 } }
}
`;

const connection = (side: Side): string => `connections { t {
  version = 2
  local_addrs = ${OUTER[side]}
  remote_addrs = ${OUTER[other(side)]}
  proposals = aes128gcm16-prfsha256-ecp256
  local { auth = psk
    id = ${side} }
  remote { auth = psk
    id = ${other(side)} }
  children { t {
    local_ts = ${INNER[side]}/32
    remote_ts = ${INNER[other(side)]}/32
    esp_proposals = aes128gcm16
  } }
} }
secrets { ike-t { secret = "only for this bench" } }
`;

async function start(pair: Pair, side: Side): Promise<LabProcess> {
  pair.lab.write(side, '/run/strongswan.conf', settings, 0o600);
  pair.lab.write(side, '/run/swanctl.conf', connection(side), 0o600);
  await pair.ip(side, `addr add ${INNER[side]}/32 dev lo`);
  const charon = pair.lab.start(side, [programPath('charon') ?? 'charon'], { STRONGSWAN_CONF: '/run/strongswan.conf' });
  await waitFor(`charon of ${side}`, async () => {
    if (!charon.running) throw new Error(`charon ended: ${charon.stderr}`);
    const load = ['swanctl', '--load-all', '--noprompt', '--uri', VICI, '--file', '/run/swanctl.conf'];
    return (await pair.lab.exec(side, load, { allow: [0, 1, 2, 22, 111] })).exit === 0;
  });
  return charon;
}

export const libipsec: Contender = {
  name: 'strongSwan kernel-libipsec',
  missing: () =>
    programPath('charon') === null || findProgram('swanctl') === null || !existsSync(PLUGIN)
      ? 'apt-get install strongswan-charon strongswan-swanctl libcharon-extra-plugins libstrongswan-standard-plugins'
      : null,
  async open(pair): Promise<Carrier> {
    const charons: LabProcess[] = [];
    for (const side of SIDES) charons.push(await start(pair, side));
    try {
      await pair.lab.exec('a', ['swanctl', '--initiate', '--child', 't', '--uri', VICI, '--timeout', '10']);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\n${charons.map(({ stderr }) => stderr).join('\n')}`);
    }
    return { address: INNER.b, pids: () => charons.map(pidOf), close: () => end(charons) };
  },
};
