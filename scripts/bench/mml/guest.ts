/** The helper against the kernel's own ESP, which this machine's kernel may lack and the guest's has. Under emulation: ratios only. */
import { join } from 'node:path';
import { runGuest } from '../../../src/vm/guest-run.ts';
import { ensureImage } from '../../../src/vm/image.ts';
import type { GuestJob } from '../../../src/vm/protocol.ts';
import type { BenchResult } from '../pcap.ts';

interface Said {
  line?: string;
  rates?: [string, number][];
  failed?: string;
}

/** Needs the guest image (`roamlab setup`). */
export async function benchMmlGuest(say: (line: string) => void): Promise<BenchResult[]> {
  let rates = new Map<string, number>();
  let failed: string | undefined;
  await runGuest({ runs: [] } as unknown as GuestJob, {
    image: await ensureImage(() => {}),
    accelerator: 'tcg',
    signal: new AbortController().signal,
    main: join(import.meta.dirname, 'guest-program.ts'),
    silence: 300_000,
    onMessage: (message) => {
      if (message.type !== 'said') return;
      const said = message.value as Said;
      if (said.line !== undefined) say(`guest, ${said.line}`);
      if (said.rates !== undefined) rates = new Map(said.rates);
      failed ??= said.failed;
    },
  });
  if (failed !== undefined) throw new Error(`in the guest: ${failed}`);
  const [kernel, veth] = [rates.get('kernel ESP'), rates.get('plain veth')];
  return [...rates]
    .filter(([name]) => name.startsWith('helper'))
    .flatMap(([name, rate]) =>
      Object.entries({ 'kernel ESP': kernel, 'plain veth': veth }).flatMap(([peer, theirs]) =>
        theirs === undefined
          ? []
          : [{ name: `guest: ${name} / ${peer}`, ours: rate, peer: theirs, ratio: rate / theirs, unit: 'Mb/s', goal: null }],
      ),
    );
}
