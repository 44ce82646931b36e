/** Entries that some cells of the matrix have. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: matrix references are written that way
import { describe, expect, test } from 'vitest';
import { parseExperiment } from '../../src/spec/index.ts';

const BASE = `name: base
matrix: { handover: [hard, soft, none], n: [1, 2], quick: [true, false] }
nodes:
  a: { interfaces: { eth1: 10.1.0.2/24 } }
  b: { interfaces: { eth1: 10.1.0.3/24 } }
links: [{ ends: [a:eth1, b:eth1] }]
`;
const cells = (more: string) => parseExperiment(BASE + more, 'test.yaml').cells;
const having = (more: string, count: (cell: ReturnType<typeof cells>[number]) => number) =>
  cells(more)
    .filter((cell) => count(cell) > 0)
    .map((cell) => Object.values(cell.values).join());

describe('only', () => {
  test.each([
    ['handover: soft, n: 1', ['soft,1,true', 'soft,1,false']],
    ['handover: [soft, none], n: 2, quick: true', ['soft,2,true', 'none,2,true']],
    ['n: "1", quick: "false"', ['hard,1,false', 'soft,1,false', 'none,1,false']],
    ['handover: "${handover}", n: 1, quick: true', ['hard,1,true', 'soft,1,true', 'none,1,true']],
  ])('%s', (only, expected) => {
    const flow = `flows: { up: { from: a, to: b, only: { ${only} } } }\n`;
    expect(having(flow, (cell) => cell.flows.length)).toEqual(expected);
    const connection = `ipsec: { t: { initiator: a, responder: b, only: { ${only} } } }\n`;
    expect(having(connection, (cell) => cell.ipsec.length)).toEqual(expected);
    const event = `timeline: [{ at: 1s, event: admin-down, node: a, interface: eth1, only: { ${only} } }]\n`;
    expect(having(event, (cell) => cell.timeline.length)).toEqual(expected);
  });

  test('what is left out is no reference and takes no port', () => {
    const flows = `flows:
  up: { from: a, to: b, only: { handover: hard } }
  down: { from: b, to: a, answers: up, only: { handover: hard } }
  data: { kind: sctp, from: a, to: b, only: { handover: [soft, none] } }
timeline:
  - { at: 1s, event: admin-down, node: a, interface: eth1, only: { handover: hard } }
  - { at: 2s, event: asconf, action: set-primary, address: 10.1.0.2, only: { handover: soft } }
`;
    const made = cells(flows);
    expect(
      made.map((cell) => [cell.flows.map(({ name, port }) => `${name}:${port}`).join(), cell.timeline.map(({ kind }) => kind).join()]),
    ).toEqual([
      ...Array(4).fill(['up:5001,down:5002', 'admin-down']),
      ...Array(4).fill(['data:5001', 'asconf']),
      ...Array(4).fill(['data:5001', '']),
    ]);
    expect(made.map((cell) => cell.flows[0]!.sctp?.asconf)).toEqual([
      ...Array(4).fill(undefined),
      ...Array(4).fill(true),
      ...Array(4).fill(false),
    ]);
  });

  test('a problem of an event points to its place in the file, whatever comes before it', () => {
    const timeline = `timeline:
  - { at: 1s, event: admin-down, node: a, interface: eth1, only: { handover: hard } }
  - { at: 2s, event: admin-down, node: a, interface: eth9, only: { handover: soft } }
`;
    expect(() => cells(timeline)).toThrow(expect.objectContaining({ code: 'E_SPEC_NO_INTERFACE', where: 'test.yaml:9:54' }));
  });

  test('charon is no mistake on a node that other cells give a connection', () => {
    const [first] = cells(`${'ipsec: { t: { initiator: a, responder: b, only: { handover: soft } } }\n'}`);
    expect(first!.ipsec).toEqual([]);
    const text = BASE.replace('a: { interfaces', 'a: { charon: { roamDelay: 0ms }, interfaces');
    const made = parseExperiment(`${text}ipsec: { t: { initiator: a, responder: b, only: { handover: soft } } }\n`, 'x').cells;
    expect(made.filter((cell) => cell.nodes[0]!.charon !== undefined)).toHaveLength(4);
  });
});
