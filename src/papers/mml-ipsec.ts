/**
 * H. Choi, H. Song, G. Cao, T. La Porta, "Mobile multi-layered IPsec", Wireless Networks, 2007: what sections 5.4 and 5.5, the introduction
 * and tables 6 and 7 print of the data plane. Figures are read only where the text gives their numbers.
 */
import type { Claim, Paper } from './claim.ts';
import { profileClaims } from './mml-ipsec-profile.ts';
import { change, goodput, ratio, value } from './terms.ts';

const BERS = ['1/8M', '1/4M', '1/2M', '1/1M', '1/512K', '1/256K', '1/128K', '1/64K'] as const;
/** above 1/2M, where IPsec and MML-IPsec are said to be almost the same */
const HIGH = BERS.slice(3);

const at = (config: string, ber: string | number, experiment?: string) => goodput({ config, ber }, experiment);
const each = (of: string, to: string, bers: readonly string[] = BERS) => bers.map((ber) => ratio(at(of, ber), at(to, ber)));
const over = (of: string, to: string) => BERS.map((ber) => change(at(of, ber), at(to, ber)));

const TRANSFER =
  '10 MB by FTP from METS to TLP1, mean of 5; raw wireless rate 2 Mbit/s, Poisson bit errors, 100 ms of NIST Net (table 4), 3DES, MSS 1460, 1391 with MML-IPsec';
const OURS =
  'median goodput of transfers of a fixed time; 1.45 Mbit/s is what is left of 2 Mbit/s here; IPsec with an MSS of 1411, as FreeS/WAN leaves; losses cost Reno more where ACKs are delayed and the RTT is 200 ms, which the paper may not have had';
const FIG14 = { conditions: TRANSFER, experiment: 'fig14' } as const;
const PERCENT = { kind: 'ratio', unit: '%', comparable: OURS } as const;
const TIMES = { kind: 'ratio', unit: '1', comparable: OURS } as const;

const SIXTY_FOUR_K =
  'see the contradictions: as printed, or one error in 64 K octets, which is 512 Kbit and the error rate of figures 15 and 16';

const throughput: Claim[] = [
  {
    ...{ ...FIG14, ...TIMES, id: 'snoop-gain-64k', source: 'section 5.4.1, figure 14', printed: { value: 3 } },
    text: 'At 1 bit error in 64 Kbit, throughput with SNOOP is three times that without',
    readings: [
      { as: '1/64K, as printed', expression: ratio(at('snoop', '1/64K'), at('reno', '1/64K')) },
      { as: '1/512K, one error in 64 K octets', expression: ratio(at('snoop', '1/512K'), at('reno', '1/512K')) },
    ],
    comparable: `${OURS}; ${SIXTY_FOUR_K}`,
  },
  {
    ...{
      ...FIG14,
      id: 'snoop-always',
      source: 'section 5.4.1, figure 14',
      kind: 'ordering',
      unit: '%',
      printed: { value: 1 },
      comparable: OURS,
    },
    text: 'Reno with SNOOP always has a higher throughput, regardless of the bit error rate: share of error rates where it is so',
    readings: [{ expression: { op: 'ordering', pairs: BERS.map((ber) => [at('snoop', ber), at('reno', ber)] as const) } }],
  },
  {
    ...{ ...FIG14, ...PERCENT, id: 'snoop-gain-8m', source: 'section 5.4.1, figure 14', printed: { value: 0.1 } },
    text: 'At 1 bit error in 8 Mbit, SNOOP has 10 % more throughput than Reno',
    readings: [{ expression: change(at('snoop', '1/8M'), at('reno', '1/8M')) }],
  },
  {
    ...{ ...FIG14, ...PERCENT, id: 'ipsec-overhead', source: 'section 5.4.1, figure 14', printed: { value: -0.05 } },
    text: 'Without errors IPsec costs about 5 % of throughput',
    readings: [{ expression: change(at('ipsec', 0), at('reno', 0)) }],
  },
  {
    ...{ ...FIG14, ...PERCENT, id: 'mml-overhead', source: 'section 5.4.1, figure 14; introduction', printed: { value: -0.09 } },
    text: 'Without errors MML-IPsec costs about 9 % of throughput',
    readings: [{ expression: change(at('mml', 0), at('reno', 0)) }],
  },
  {
    ...{ ...FIG14, ...PERCENT, id: 'mml-beside-ipsec', source: 'introduction', printed: { value: -0.04 } },
    text: 'MML-IPsec costs 4 % of the throughput that IPsec has',
    readings: [{ expression: change(at('mml', 0), at('ipsec', 0)) }],
  },
  {
    ...{
      ...FIG14,
      id: 'mml-as-ipsec',
      source: 'section 5.4.1, figure 14',
      kind: 'band',
      unit: '1',
      printed: { value: 1 },
      comparable: OURS,
    },
    text: 'Above 1 bit error in 2 Mbit, MML-IPsec has almost the throughput of IPsec: least and greatest ratio',
    readings: [{ expression: { op: 'range', of: each('mml', 'ipsec', HIGH) } }],
  },
  ...(['ipsec', 'mml'] as const).flatMap((config): Claim[] => [
    {
      ...{ ...FIG14, ...PERCENT, id: `${config}-drop-2m`, source: 'section 5.4.1, figure 14', printed: { value: -0.27 } },
      text: `At 1 bit error in 2 Mbit, throughput of ${config === 'mml' ? 'MML-IPsec' : 'IPsec'} drops by 27 %`,
      readings: [{ expression: change(at(config, '1/2M'), at(config, 0)) }],
    },
    {
      ...{ ...FIG14, ...PERCENT, id: `${config}-drop-64k`, source: 'section 5.4.1, figure 14', printed: { value: -0.62 } },
      text: `At 1 bit error in 64 Kbit, throughput of ${config === 'mml' ? 'MML-IPsec' : 'IPsec'} drops by 62 %`,
      readings: [
        { as: '1/64K, as printed', expression: change(at(config, '1/64K'), at(config, 0)) },
        { as: '1/512K, one error in 64 K octets', expression: change(at(config, '1/512K'), at(config, 0)) },
      ],
      comparable: `${OURS}; ${SIXTY_FOUR_K}`,
    },
  ]),
  {
    ...{ ...FIG14, ...TIMES, id: 'mml-snoop-five', source: 'section 5.4.1, figure 14', printed: { value: 5 } },
    text: 'MML-IPsec with SNOOP has as much as five times the throughput of MML-IPsec without',
    readings: [{ expression: { op: 'greatest', of: each('mml-snoop', 'mml') } }],
    comparable: `${OURS}; ${SIXTY_FOUR_K}`,
  },
  ...(['mml', 'ipsec'] as const).map(
    (config): Claim => ({
      ...{ ...FIG14, ...PERCENT, id: `mml-snoop-low-${config}`, source: 'section 5.4.1, figure 14' },
      printed: { value: config === 'mml' ? 0.19 : 0.14 },
      text: `Even at a low error rate MML-IPsec with SNOOP has ${config === 'mml' ? '19 % more than MML-IPsec' : '14 % more than IPsec'}`,
      readings: [
        { as: 'lowest rate, 1/8M', expression: change(at('mml-snoop', '1/8M'), at(config, '1/8M')) },
        { as: 'least of all rates', expression: { op: 'least', of: over('mml-snoop', config) } },
      ],
      comparable: `${OURS}; which rate is the low one is not said`,
    }),
  ),
  {
    ...{ ...FIG14, id: 'mml-snoop-reno', source: 'section 5.4.1, figure 14', kind: 'band', unit: '%', printed: { from: 0.03, to: 1.08 } },
    text: 'MML-IPsec with SNOOP has 3 % to 108 % more throughput than Reno, depending on the error rate',
    readings: [{ expression: { op: 'range', of: over('mml-snoop', 'reno') } }],
    comparable: OURS,
  },
  {
    ...{ ...FIG14, ...PERCENT, id: 'mml-snoop-mean-reno', source: 'introduction', printed: { value: 0.5 } },
    text: 'MML-IPsec with SNOOP has 50 % more throughput than TCP, on average',
    readings: [{ expression: { op: 'mean', of: over('mml-snoop', 'reno') } }],
    comparable: `${OURS}; taken as the mean over the error rates of figure 14`,
  },
  {
    ...{ ...FIG14, ...PERCENT, id: 'mml-snoop-mean-ipsec', source: 'abstract, introduction', printed: { value: 1.65 } },
    text: 'MML-IPsec with SNOOP has 165 % more throughput than TCP over IPsec, on average',
    readings: [{ expression: { op: 'mean', of: over('mml-snoop', 'ipsec') } }],
    comparable: `${OURS}; taken as the mean over the error rates of figure 14`,
  },
];

const validation: Claim = {
  ...{ id: 'snoop-validation', source: 'section 5.3, figure 12', kind: 'ordering', unit: '%', printed: { value: 1 }, experiment: 'fig12' },
  text: 'Reno with SNOOP beside Reno in clear matches the first paper on SNOOP: share of error rates where SNOOP has at least as much',
  conditions: '5 MB from ftp.redhat.com, mean of 5; figure 12 has no numbers in the text',
  readings: [{ expression: { op: 'ordering', pairs: BERS.map((ber) => [at('snoop', ber), at('reno', ber)] as const) } }],
  comparable: 'a public server is emulated by 100 ms each way',
};

const FIG15 = { conditions: `${TRANSFER}; 1 bit error in 512 Kbit`, experiment: 'fig15-16' } as const;
const WINDOW =
  'congestion window of the sender, mean over the transfer; here as iperf3 reports it every 0.1 s. Linux today lets it grow beyond what the receiver offers (64 KiB, 44 segments), the figure does not exceed that: both are shown';
const cwnd = (config: string) => ({ metric: 'cwnd.bulk', cell: { config } });
const usable = (config: string) => ({ metric: 'cwnd.bulk.usable', cell: { config } });
const with512 = (config: string) => goodput({ config });

const windows: Claim[] = [
  {
    ...{ ...FIG15, ...TIMES, id: 'seq-mml-snoop-ipsec', source: 'section 5.4.2, figure 15', printed: { value: 2 } },
    text: 'Sequence numbers of MML-IPsec with SNOOP rise at twice the rate of TCP with IPsec',
    readings: [{ expression: ratio(with512('mml-snoop'), with512('ipsec')) }],
  },
  {
    ...{
      ...FIG15,
      id: 'seq-snoop-faster',
      source: 'section 5.4.2, figure 15',
      kind: 'ordering',
      unit: '%',
      printed: { value: 1 },
      comparable: OURS,
    },
    text: 'With SNOOP sequence numbers rise much faster than without: share of pairs (clear, MML-IPsec) where it is so',
    readings: [
      {
        expression: {
          op: 'ordering',
          pairs: [
            [with512('snoop'), with512('reno')],
            [with512('mml-snoop'), with512('mml')],
          ],
        },
      },
    ],
  },
  ...(
    [
      ['snoop', 'Reno with SNOOP', 35, '(a)'],
      ['reno', 'Reno', 6, '(a)'],
      ['mml', 'MML-IPsec', 5, '(b)'],
      ['mml-snoop', 'MML-IPsec with SNOOP', 26, '(b)'],
    ] as const
  ).map(
    ([config, name, mean, part]): Claim => ({
      ...{
        ...FIG15,
        id: `cwnd-${config}`,
        source: `section 5.4.3, figure 16${part}`,
        kind: 'value',
        unit: 'segments',
        printed: { value: mean },
      },
      text: `The congestion window of ${name} is ${mean} segments on average`,
      readings: [
        { as: 'as it is', expression: value(cwnd(config)) },
        { as: 'what the receiver lets it use', expression: value(usable(config)) },
      ],
      comparable: WINDOW,
    }),
  ),
  {
    ...{
      ...FIG15,
      id: 'cwnd-five',
      source: 'section 5.4.3, figure 16(b)',
      kind: 'ratio',
      unit: '1',
      printed: { value: 5 },
      comparable: WINDOW,
    },
    text: 'SNOOP makes the congestion window of MML-IPsec five times as large',
    readings: [
      { as: 'as it is', expression: ratio(cwnd('mml-snoop'), cwnd('mml')) },
      { as: 'what the receiver lets it use', expression: ratio(usable('mml-snoop'), usable('mml')) },
    ],
  },
  {
    ...{ ...FIG15, ...PERCENT, id: 'mml-snoop-512k', source: 'section 5.4.3', printed: { value: 1.7 } },
    text: 'At 1 bit error in 512 Kbit, SNOOP raises the throughput of MML-IPsec by 170 %',
    readings: [{ expression: change(with512('mml-snoop'), with512('mml')) }],
  },
];

const nth = (n: number | string) => goodput({ everyNth: n });
const STEPS = ['never', 20, 10, 5, 3, 2, 1] as const;
const FIG17 = { conditions: 'every i-th packet in MML-IPsec, the others in clear; no bit errors', experiment: 'fig17-18' } as const;
const DYNAMIC = 'here one MTU for all packets, so that what differs is the octets that protection adds, and IP in IP for those in clear';

function dynamicOverhead(n: number, printed: number): Claim {
  return {
    ...{ ...FIG17, id: `dynamic-overhead-${n}`, source: 'section 5.5, figure 18', kind: 'ratio', unit: '%', printed: { value: -printed } },
    text: `Encrypting ${n === 1 ? 'all packets' : `every ${n}th packet`} costs ${printed * 100} %, "compared to pure IPsec"`,
    readings: [
      { as: 'of no protection', expression: change(nth(n), nth('never')) },
      { as: 'of pure IPsec, as printed', expression: change(nth(n), at('ipsec', 0, 'fig14')) },
    ],
    comparable: `${DYNAMIC}; see the contradictions. Pure IPsec is a cell of another experiment, fig14`,
  };
}

const dynamic: Claim[] = [
  {
    ...{ ...FIG17, id: 'dynamic-all', source: 'section 5.5, figure 17', kind: 'value', unit: 'bit/s', printed: { value: 1.25e6 } },
    text: 'With all packets encrypted the throughput is about 1.25 Mbit/s',
    readings: [{ expression: value(nth(1)) }],
    comparable: `follows from the rate of the wireless link, which is set here; ${DYNAMIC}`,
  },
  {
    ...{ ...FIG17, id: 'dynamic-rises', source: 'section 5.5, figure 17', kind: 'ordering', unit: '%', printed: { value: 1 } },
    text: 'Throughput rises as fewer packets are encrypted: share of neighbouring intervals where it is so',
    readings: [{ expression: { op: 'ordering', pairs: STEPS.slice(1).map((n, k) => [nth(STEPS[k]!), nth(n)] as const) } }],
    comparable: DYNAMIC,
  },
  dynamicOverhead(1, 0.07),
  dynamicOverhead(10, 0.0075),
];

export const MML_IPSEC: Paper = {
  id: 'mml',
  title: 'Mobile multi-layered IPsec',
  citation: 'H. Choi, H. Song, G. Cao, T. La Porta: Mobile multi-layered IPsec. Wireless Networks, 2007, doi:10.1007/s11276-007-0031-z',
  claims: [validation, ...throughput, ...windows, ...profileClaims, ...dynamic],
  contradictions: [
    {
      claims: ['ipsec-drop-64k', 'mml-drop-64k', 'mml-snoop-five', 'snoop-gain-64k'],
      text: 'A drop of 62 % at 1 bit error in 64 Kbit leaves 0.38 of 1.25 Mbit/s; five times that is 2.4 Mbit/s, more than the raw 2 Mbit/s of the link. The drop fits 1 error in 64 K octets, which is 1 in 512 Kbit (1.9e-6): 0.38 of 1.25 Mbit/s and the 170 % that section 5.4.3 prints for that rate make 1.28 Mbit/s. Both readings are shown.',
    },
    {
      claims: ['seq-mml-snoop-ipsec', 'mml-snoop-512k', 'mml-as-ipsec'],
      text: 'At 1 error in 512 Kbit MML-IPsec with SNOOP is twice as fast as IPsec (section 5.4.2) and 2.7 times as fast as MML-IPsec (section 5.4.3), while IPsec and MML-IPsec are almost the same there (section 5.4.1).',
    },
    {
      claims: ['dynamic-overhead-1', 'dynamic-overhead-10', 'mml-beside-ipsec'],
      text: 'With all packets encrypted the overhead is 7 % "compared to pure IPsec" (section 5.5), but MML-IPsec costs 4 % of what IPsec has (introduction). Of no protection it costs 9 % (section 5.4.1). Both baselines are shown.',
    },
    {
      claims: ['table6-authentication'],
      text: 'Table 5 says that authentication is disabled; table 6 has 5 microseconds of it.',
    },
    {
      claims: [],
      text: 'The text inserts 50 ms of delay, for example (section 5.3), table 4 has 100 ms; whether one way or both is not said. The experiments have 100 ms each way.',
    },
  ],
};
