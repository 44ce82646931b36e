/** Tables 6 and 7: microseconds of a packet in functions of FreeS/WAN's KLIPS and of the paper's SNOOP module. */
import type { Claim } from './claim.ts';
import { value } from './terms.ts';

const COMMON = { kind: 'value', unit: 's/packet', experiment: 'tables' } as const;
const PROCESSOR = 'a Pentium 4 of 2.4 GHz, in the kernel; here a process in user space, and with the virtual clock instructions, not time';
const INSIDE = 'inside of a stage that is timed as a whole here';
const NOT_HERE = 'nothing here corresponds to it';

/** The paper measured table 6 at the home agent: it sends data, and what it receives are acknowledgements. */
const SENDER = 'at the home agent, which sends data and receives acknowledgements';
const AGENT = 'at the foreign agent';

interface Row {
  function: string;
  microseconds: number;
  /** node and stage here */
  stage?: readonly [node: string, stage: string];
  /** why there is none, or what it is taken for */
  why?: string;
}

const TABLE_6: Row[] = [
  { function: 'ipsec_rcv', microseconds: 44, stage: ['mets', 'open'] },
  { function: 'decapsulation', microseconds: 32, why: INSIDE },
  { function: 'authentication', microseconds: 5, why: INSIDE },
  { function: 'decryption', microseconds: 7, why: INSIDE },
  { function: 'ipsec_tunnel_start_xmit', microseconds: 104, stage: ['mets', 'seal'] },
  { function: 'encapsulation', microseconds: 104, stage: ['mets', 'seal'], why: 'all of ipsec_tunnel_start_xmit' },
  { function: 'cal_headroom', microseconds: 2, why: NOT_HERE },
  { function: 'encryption', microseconds: 91, stage: ['mets', 'seal'], why: 'sealing is timed as a whole, encapsulation with it' },
  { function: 'ip_send', microseconds: 3, stage: ['mets', 'send'] },
];

const TABLE_7: Row[] = [
  { function: 'ipsec_rcv_1', microseconds: 42, stage: ['nets', 'open zone 1'] },
  {
    ...{ function: 'ip_send', microseconds: 547 },
    why: 'the time of the 2 Mbit/s link, by the paper itself; here the kernel sends, and a queue waits in its place',
  },
  { function: 'snoop_ctrl', microseconds: 13, stage: ['nets', 'snoop'] },
  { function: 'snoop_getconn', microseconds: 1, why: INSIDE },
  { function: 'snoop_freebuf', microseconds: 1, why: INSIDE },
  { function: 'snoop_done', microseconds: 14, why: INSIDE },
  { function: 'snoop_addconn', microseconds: 3, why: INSIDE },
  { function: 'snoop_conninit', microseconds: 7, why: INSIDE },
  { function: 'snoop_garbage_timeout', microseconds: 22, why: 'not of a packet: it runs by a timer' },
  { function: 'snoop_wired', microseconds: 4, why: INSIDE },
];

function claimOf(table: 6 | 7, conditions: string, { function: name, microseconds, stage, why }: Row): Claim {
  return {
    ...{ ...COMMON, id: `table${table}-${name}`, source: `table ${table}`, printed: { value: microseconds / 1e6 }, conditions },
    text: `${name} takes ${microseconds} microseconds`,
    readings: stage === undefined ? [] : [{ expression: value({ metric: `stages.${stage.join('.')}`, cell: { suite: '3des-cbc/none' } }) }],
    comparable: [...(why === undefined ? [] : [why]), ...(stage === undefined ? [] : [PROCESSOR])].join('; '),
  };
}

export const profileClaims: readonly Claim[] = [
  ...TABLE_6.map((row) => claimOf(6, SENDER, row)),
  ...[
    ['ipsec_rcv', 6, '(5 + 7) / 2'],
    ['ipsec_tunnel_start_xmit', 46, '91 / 2'],
  ].map(
    ([name, microseconds, from]): Claim => ({
      ...{ ...COMMON, id: `second-zone-${name}`, source: 'section 5.4.4', printed: { value: Number(microseconds) / 1e6 } },
      text: `The second zone costs ${microseconds} microseconds in ${name}, computed as ${from}`,
      conditions: SENDER,
      readings: [],
      comparable: 'half of the time of two zones, not measured with one; nor is it here',
    }),
  ),
  ...TABLE_7.map((row) => claimOf(7, AGENT, row)),
];
