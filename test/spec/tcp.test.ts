/** TCP settings of tcp flows. */
import { expect, test } from 'vitest';
import { parseExperiment } from '../../src/spec/index.ts';

const flows = (text: string) =>
  parseExperiment(
    `name: base
nodes:
  a: { interfaces: { eth0: 10.1.0.1/24, eth1: 10.2.0.1/24 } }
  b: { interfaces: { eth0: 10.1.0.2/24 } }
  c: { interfaces: { eth0: 10.2.0.2/24 } }
  d: { interfaces: {} }
links: [{ ends: [a:eth0, b:eth0] }, { ends: [a:eth1, c:eth0] }]
flows: ${text}
`,
    'test.yaml',
  ).cells[0]!.flows;
const tcp = (settings: string) => flows(`{ bulk: { kind: tcp, from: a, to: b, tcp: ${settings} } }`)[0]!.tcp;

const OFF = { sack: false, timestamps: false, windowScaling: false, modernRecovery: false, ecn: false };
const RENO = { congestion: 'reno', ...OFF, buffer: 65_535, initialWindow: 2 };

test('absent: the kernels are left alone', () => {
  expect(flows('{ bulk: { kind: tcp, from: a, to: b } }')[0]).not.toHaveProperty('tcp');
});

test('a profile, and what is said over it', () => {
  expect(tcp('{ profile: reno2007 }')).toEqual(RENO);
  const over = 'sack: true, buffer: auto, initialWindow: auto, congestion: cubic';
  expect(tcp(`{ profile: reno2007, ${over} }`)).toEqual({ ...RENO, sack: true, buffer: null, initialWindow: null, congestion: 'cubic' });
});

test("without a profile the kernel's own", () => {
  const on = { sack: true, timestamps: true, windowScaling: true, modernRecovery: true, ecn: false };
  expect(tcp('{ buffer: 1MiB, initialWindow: 10 }')).toEqual({ congestion: 'cubic', ...on, buffer: 1_048_576, initialWindow: 10 });
});

test('flows that share a node agree; others need not', () => {
  const two = (to: string, settings: string) =>
    flows(`{ x: { kind: tcp, from: b, to: a, tcp: { profile: reno2007 } }, y: { kind: tcp, from: ${to}, to: c${settings} } }`);
  expect(two('a', ', tcp: { profile: reno2007, sack: false }')).toHaveLength(2);
  expect(() => two('a', ', tcp: { profile: reno2007, ecn: true }')).toThrow('has another "ecn"');
  expect(() => two('a', '')).toThrow('"x" has TCP settings');
});
