/** `csa.json`: keys of the ESP helper's tunnels (types/keys.ts), which no table of Wireshark's can hold: SAs of several zones. */
import { z } from 'zod';
import { keyLength, SUITE_NAMES, type SuiteName, suiteNamed } from '../../mlipsec/index.ts';
import { RoamlabError } from '../../types/errors.ts';
import type { CsaKeys } from '../../types/keys.ts';

export const CSA_FILE = 'csa.json';

/** far beyond what a run has */
const MOST_CSAS = 1000;
const MOST_ZONES = 255;

const zone = z
  .looseObject({
    spi: z.int().min(0).max(0xffff_ffff),
    suite: z.enum(SUITE_NAMES as [SuiteName, ...SuiteName[]]),
    material: z.string().regex(/^([0-9a-f]{2})*$/i, 'not hexadecimal'),
  })
  .refine(({ suite, material }) => material.length === 2 * keyLength(suiteNamed(suite, { fidelity: true })), {
    path: ['material'],
    message: 'not as many octets as the suite takes',
  });

const csa = z
  .looseObject({
    src: z.string(),
    dst: z.string(),
    layout: z.enum(['P', 'C']),
    bind: z.enum(['none', 'seq', 'hdr']),
    boundaries: z.array(z.int().min(1).max(65_535)).max(MOST_ZONES - 1),
    sas: z.array(zone.nullable()).min(1).max(MOST_ZONES),
  })
  .refine(({ boundaries, sas }) => sas.length === boundaries.length + 1, { path: ['sas'], message: 'not one per zone' });

const file = z.array(csa).max(MOST_CSAS);

/** Throws E_KEYS_SYNTAX; no key material is in its text. */
export function parseCsaFile(text: string, where = CSA_FILE): CsaKeys[] {
  const fault = (what: string) =>
    new RoamlabError('E_KEYS_SYNTAX', 2, what, { where, hint: 'the file must be as a run writes it into its keys folder' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fault('not JSON');
  }
  const result = file.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw fault(`${issue.path.join('.') || 'value'}: ${issue.message}`);
}

/** The file's text. */
export function formatCsaFile(csas: readonly CsaKeys[]): string {
  return `${JSON.stringify(csas, null, 2)}\n`;
}
