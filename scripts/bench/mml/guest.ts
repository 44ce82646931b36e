/** The helper against the kernel's own ESP, which this machine's kernel may lack and the guest's has. Under emulation: ratios only. */
import { join } from 'node:path';
import { runGuest } from '../../../src/vm/guest-run.ts';
import { ensureImage } from '../../../src/vm/image.ts';
import type { GuestJob } from '../../../src/vm/protocol.ts';
import type { BenchResult } from '../pcap.ts';
import { median, ratioOf } from './rounds.ts';

interface Said {
  line?: string;
  rates?: [string, (number | null)[]][];
  failed?: string;
}

/** Needs the guest image (`roamlab setup`). */
export async function benchMmlGuest(say: (line: string) => void): Promise<BenchResult[]> {
  let rates = new Map<string, number[]>();
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
      if (said.rates !== undefined) rates = new Map(said.rates.map(([name, values]) => [name, values.map((value) => value ?? Number.NaN)]));
      failed ??= said.failed;
    },
  });
  if (failed !== undefined) throw new Error(`in the guest: ${failed}`);
  const results: BenchResult[] = [];
  for (const [name, ours] of rates) {
    if (!name.startsWith('helper')) continue;
    for (const peer of ['kernel ESP', 'plain veth']) {
      const theirs = rates.get(peer);
      if (theirs === undefined) continue;
      const [a, b] = [median(ours), median(theirs)];
      results.push({ name: `guest: ${name} / ${peer}`, ours: a, peer: b, ratio: ratioOf(ours, theirs), unit: 'Mb/s', goal: null });
    }
  }
  return results;
}
