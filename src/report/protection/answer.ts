/** Is transport mode cheaper than tunnel mode? In words, from the numbers: the terminal and the page say the same. */
import type { Summary } from '../../types/run.ts';
import { CIPHERS, type Cipher, type CpuRow, cpuTables, type Modes } from './cpu.ts';
import { partsOf } from './parts.ts';
import { type Ratio, range } from './range.ts';

export interface Answer {
  /** what the paper says that the experiment is about */
  claim: string | null;
  lead: string;
  /** per host, in what it does, and for all together */
  lines: string[];
  /** what the numbers are not */
  caveat: string;
}

/** What each paper says of the processor's load. */
const CLAIMS: Record<string, string> = {
  e2e: 'The E2E paper: transport mode \u201creduces CPU load by 20%\u201d (abstract), by 10 to 31\u00a0% of the cycles at payloads of 60 to 180 octets with AES-NI (section V-C, from what others measured of AES-GCM).',
};

const CAVEAT =
  'Instructions are neither cycles nor seconds: where the processor has instructions for AES, few of them encrypt much. All hosts: the sum over hosts, what the architecture costs.';

const ALL = 'all hosts';

interface Case extends Modes {
  who: string;
  flow: string;
  cipher: Cipher;
}

/**
 * Null when no cell has both modes of a cipher and instructions per packet. Ranges are of the medians' ratios over payloads (and over other
 * values of the matrix). A host that protection costs nothing that matters has no range.
 */
export function transportAnswer(summary: Summary, flow: (name: string) => string = (name) => name): Answer | null {
  const cases = casesOf(summary);
  if (cases.length === 0) return null;
  const byHost = [...Map.groupBy(cases, ({ who }) => who)];
  const [idle, busy] = [byHost.filter(([, mine]) => mine.every(isIdle)), byHost.filter(([, mine]) => !mine.every(isIdle))];
  const said = ([who, mine]: [string, Case[]]): string =>
    `${who}: ${[perCipher(mine, flow), ...added(mine, flow), ...open(mine)].join('; ')}`;
  const nothing = idle.length === 0 ? [] : [`${idle.map(([who]) => who).join(', ')}: protection adds nothing that matters`];
  const [hosts, all] = [busy.filter(([who]) => who !== ALL), busy.filter(([who]) => who === ALL)];
  const lines = [...hosts.map(said), ...nothing, ...all.map(said)];
  const claim = new Map(Object.entries(CLAIMS)).get(summary.hosts?.paper ?? '') ?? null;
  return { claim, lead: 'Transport mode beside tunnel mode, in instructions per packet:', lines, caveat: CAVEAT };
}

function casesOf(summary: Summary): Case[] {
  const part = partsOf(summary);
  const whoOf = ({ node, flow }: CpuRow): string => (node === null ? ALL : part(node, flow));
  return cpuTables(summary)
    .flatMap(({ rows }) => rows)
    .flatMap((row) =>
      CIPHERS.flatMap((cipher): Case[] => {
        const modes = row.modes[cipher];
        return modes === undefined || modes.ratio === null ? [] : [{ ...modes, who: whoOf(row), flow: row.flow, cipher }];
      }),
    );
}

const isIdle = ({ added: by }: Case): boolean => by !== null && by.transport === null && by.tunnel === null;

function perCipher(cases: Case[], flow: (name: string) => string): string {
  return ranges(
    cases.map((entry) => [entry.cipher, { flow: entry.flow, ratio: entry.ratio! }]),
    flow,
  );
}

/** Of what protection adds; or in which mode it adds something at all. */
function added(cases: Case[], flow: (name: string) => string): string[] {
  const known = cases.flatMap(({ added: by }) => (by === null ? [] : [by]));
  if (known.length > 0 && known.every(({ tunnel, transport }) => tunnel === null && transport !== null))
    return ['protection costs it in transport mode only'];
  if (known.length > 0 && known.every(({ tunnel, transport }) => tunnel !== null && transport === null))
    return ['protection costs it in tunnel mode only'];
  const ratios = cases.flatMap((entry): [Cipher, Ratio][] =>
    entry.added === null || entry.added.ratio === null ? [] : [[entry.cipher, { flow: entry.flow, ratio: entry.added.ratio }]],
  );
  return ratios.length === 0 ? [] : [`of what protection adds, ${ranges(ratios, flow)}`];
}

function ranges(ratios: [Cipher, Ratio][], flow: (name: string) => string): string {
  return [...Map.groupBy(ratios, ([cipher]) => cipher)]
    .map(
      ([cipher, mine]) =>
        `${range(
          mine.map(([, ratio]) => ratio),
          flow,
        )} with ${cipher}`,
    )
    .join(', ');
}

/** A 95 % interval of the difference that holds 0, or none at all. */
function open(cases: Case[]): string[] {
  const compared = cases.flatMap(({ comparison }) => (comparison === null ? [] : [comparison]));
  const told = compared.filter(({ ci95 }) => ci95 === null || (ci95[0] <= 0 && ci95[1] >= 0)).length;
  return told === 0 ? [] : [`not told apart in ${told} of ${compared.length} cases`];
}
