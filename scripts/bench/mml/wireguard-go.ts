/** WireGuard in user space, in Go, as Debian ships it. */
import { findProgram } from '../../../src/host/path.ts';
import { waitFor } from '../../../src/host/wait.ts';
import type { LabProcess } from '../../../src/lab/lab.ts';
import type { Carrier, Contender } from './contender.ts';
import { end, INNER, OUTER, other, type Pair, pidOf, SIDES, type Side } from './pair.ts';

const DEVICE = 'wg0';
const PORT = 51_820;

async function key(pair: Pair): Promise<{ secret: string; shared: string }> {
  const { stdout: secret } = await pair.lab.exec('a', ['wg', 'genkey']);
  const { stdout: shared } = await pair.lab.exec('a', ['wg', 'pubkey'], { input: secret });
  return { secret: secret.trim(), shared: shared.trim() };
}

export const wireguardGo: Contender = {
  name: 'wireguard-go',
  missing: () =>
    findProgram('wireguard-go') === null || findProgram('wg') === null ? 'apt-get install wireguard-go wireguard-tools' : null,
  async open(pair): Promise<Carrier> {
    const keys = { a: await key(pair), b: await key(pair) };
    const programs: LabProcess[] = [];
    const start = async (side: Side): Promise<void> => {
      const program = pair.lab.start(side, ['wireguard-go', '--foreground', DEVICE], { LOG_LEVEL: 'error' });
      programs.push(program);
      const far = other(side);
      const peer = [`PublicKey = ${keys[far].shared}`, `AllowedIPs = ${INNER[far]}/32`, `Endpoint = ${OUTER[far]}:${PORT}`];
      const lines = ['[Interface]', `PrivateKey = ${keys[side].secret}`, `ListenPort = ${PORT}`, '[Peer]', ...peer];
      pair.lab.write(side, '/run/wg.conf', `${lines.join('\n')}\n`, 0o600);
      await waitFor(`wireguard-go of ${side}`, async () => {
        if (!program.running) throw new Error(`wireguard-go ended: ${program.stderr}`);
        return (await pair.lab.exec(side, ['wg', 'setconf', DEVICE, '/run/wg.conf'], { allow: [0, 1] })).exit === 0;
      });
      await pair.ip(side, `link set dev ${DEVICE} mtu 1420 up`, `addr add ${INNER[side]}/32 dev ${DEVICE}`);
      await pair.ip(side, `route add ${INNER[far]}/32 dev ${DEVICE}`);
    };
    for (const side of SIDES) await start(side);
    return { address: INNER.b, pids: () => programs.map(pidOf), close: () => end(programs) };
  },
};
