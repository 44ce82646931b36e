/**
 * Which room of src/ may import which. A room sees the rooms before it in the chain, host/ and types/.
 * The table is the rule; `npm run check` holds it.
 */
const sees = {
  types: [],
  host: [],
  strongswan: [],
  mlipsec: [],
  snoop: [],
  biterrors: [],
  helper: ['mlipsec', 'snoop'],
  spec: ['mlipsec', 'snoop'],
  plan: ['spec', 'traffic', 'ipsec', 'capture', 'mobility', 'mlipsec'],
  lab: ['plan'],
  traffic: [],
  capture: [],
  ipsec: [],
  mobility: [],
  pcap: ['traffic', 'mlipsec'],
  metrics: ['pcap'],
  papers: [],
  stats: [],
  report: ['metrics', 'stats', 'papers', 'pcap'],
  compare: ['report', 'metrics', 'pcap', 'stats'],
  run: ['spec', 'plan', 'lab', 'ipsec', 'mobility', 'traffic', 'capture', 'pcap', 'mlipsec', 'helper', 'biterrors'],
  probes: ['lab', 'ipsec', 'capture', 'biterrors'],
  vm: ['run', 'probes', 'traffic', 'strongswan', 'helper'],
  doctor: ['probes', 'vm'],
  experiment: ['spec', 'plan', 'run', 'vm', 'probes', 'report', 'stats', 'strongswan'],
};
const rules = Object.entries(sees).map(([room, rooms]) => ({
  name: `${room}-sees-only-${rooms.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, 'types', 'host', ...rooms].join('|')})/` },
}));
module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'host-knows-nothing-of-us',
      severity: 'error',
      from: { path: '^src/host/' },
      to: { path: '^src/', pathNot: '^src/(host|types)/' },
    },
    { name: 'nobody-imports-the-cli', severity: 'error', from: { path: '^src/', pathNot: '^src/cli/' }, to: { path: '^src/cli/' } },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'src-needs-no-dev-dependency', severity: 'error', from: { path: '^src/' }, to: { dependencyTypes: ['npm-dev'] } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' } },
};
