/** The kernel's own ESP, tunnel mode, AES-128-GCM: only where the kernel has it, as the guest's does. */
import { randomBytes } from 'node:crypto';
import type { Carrier, Contender } from './contender.ts';
import { INNER, OUTER, other, SIDES, type Side } from './pair.ts';

const SPI = { a: '0x1000', b: '0x2000' } as const;

export const kernelEsp: Contender = {
  name: 'kernel ESP',
  missing: () => null,
  async open(pair): Promise<Carrier> {
    const keys = { a: randomBytes(20).toString('hex'), b: randomBytes(20).toString('hex') };
    const state = (from: Side) =>
      `xfrm state add src ${OUTER[from]} dst ${OUTER[other(from)]} proto esp spi ${SPI[from]} mode tunnel replay-window 32 aead rfc4106(gcm(aes)) 0x${keys[from]} 128`;
    const policy = (from: Side, dir: string) =>
      `xfrm policy add src ${INNER[from]}/32 dst ${INNER[other(from)]}/32 dir ${dir} tmpl src ${OUTER[from]} dst ${OUTER[other(from)]} proto esp mode tunnel`;
    for (const side of SIDES) {
      const far = other(side);
      const route = `route add ${INNER[far]}/32 dev e0 src ${INNER[side]} mtu 1446`;
      await pair.ip(side, `addr add ${INNER[side]}/32 dev lo`, route, state(side), state(far), policy(side, 'out'), policy(far, 'in'));
    }
    return { address: INNER.b, pids: () => [], close: async () => {} };
  },
};
