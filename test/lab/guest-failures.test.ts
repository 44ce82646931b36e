/** A guest that dies is an error that says how, with the console's last lines, and never a hang of ours. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RoamlabError } from '../../src/types/errors.ts';
import { runGuest } from '../../src/vm/guest-run.ts';
import { ensureImage } from '../../src/vm/image.ts';
import type { GuestJob } from '../../src/vm/protocol.ts';

const main = join(import.meta.dirname, 'guest/fate.ts');

async function meet(fate: string, silence: number): Promise<{ error: RoamlabError; said: unknown[] }> {
  const said: unknown[] = [];
  const image = await ensureImage(() => {});
  const job = { runs: [], fate } as unknown as GuestJob;
  const signal = new AbortController().signal;
  const error = await runGuest(job, {
    image,
    accelerator: 'tcg',
    signal,
    main,
    silence,
    onMessage: (message) => {
      if (message.type === 'said') said.push(message.value);
    },
  }).then(
    () => {
      throw new Error('the guest ended well');
    },
    (thrown: RoamlabError) => thrown,
  );
  return { error, said };
}

describe('a guest that', () => {
  test('panics is reported as such', async () => {
    const { error, said } = await meet('panic', 60_000);
    expect(said).toEqual(['alive']);
    expect(error.code).toBe('E_GUEST');
    expect(error.message).toContain('the guest kernel panicked (sysrq triggered crash)');
    expect(error.message).toMatch(/console of the guest, last lines:\n\[ +\d/);
  });

  test('says nothing any more is ended and reported', async () => {
    const { error, said } = await meet('silence', 4000);
    expect(said).toEqual(['alive']);
    expect(error.code).toBe('E_GUEST_HANG');
    expect(error.message).toContain('no sign of life from the guest for 4 s');
  });

  test('runs out of memory is reported as such', async () => {
    const { error, said } = await meet('memory', 60_000);
    expect(said).toEqual(['alive']);
    expect(error.code).toBe('E_GUEST');
    expect(error.message).toContain('the guest ran out of memory');
  });
});
