/** Runs in which both ends speak MOBIKE-X: what is measured, judged and shown of paths, their checks and refusals. */
import { describe, expect, it } from 'vitest';
import { analyseRun, type MetricInput } from '../../src/metrics/index.ts';
import type { IkeInfo } from '../../src/types/packet.ts';
import { ADD, NEW_SENDER, OLD_SENDER, PATH_STATUS, parameter, REMOVE, status, UPDATE } from '../pcap/build/mobikex.ts';
import { cell, handover, ike, ms, NEW, OLD, SGW, type Wire } from './build.ts';

type Notifies = IkeInfo['notifies'];
const notify = (type: number, ...parts: Uint8Array[]): Notifies[number] => ({ type, protocol: 0, spi: '', data: Buffer.concat(parts) });
const COOKIE = notify(16401, Buffer.alloc(16, 1));
const [BUSY, OK, UNKNOWN, PENDING, WRONG] = [8, 0, 1, 3, 5];
const SWITCH = notify(UPDATE, parameter(OLD_SENDER, 0, OLD), parameter(NEW_SENDER, 1, NEW));
const MOVE = notify(UPDATE, parameter(OLD_SENDER, 0, OLD), parameter(NEW_SENDER, 0, NEW));

interface Talk {
  /** ms */
  at: number;
  messageId: number;
  exchange?: number;
  /** who asks */
  by?: 'mn' | 'sgw';
  asks: Notifies;
  answers?: Notifies;
}

/** One exchange over eth1, 1 ms each way, seen at both ends. */
function talk(wire: Wire, { at, messageId, exchange = 37, by = 'mn', asks, answers = [] }: Talk): void {
  const message = (notifies: Notifies, response: boolean): Partial<IkeInfo> => {
    const fromInitiator = (by === 'mn') !== response;
    return { exchange, messageId, response, fromInitiator, notifies, payloads: notifies.map(() => 41) };
  };
  const send = (t: number, from: 'mn' | 'sgw', fields: Partial<IkeInfo>) => {
    const [out, into] = from === 'mn' ? (['eth1', 'eth0'] as const) : (['eth0', 'eth1'] as const);
    const [src, dst] = from === 'mn' ? [NEW, SGW] : [SGW, NEW];
    wire.out(from, out, ike(ms(t), src, dst, fields));
    wire.in(from === 'mn' ? 'sgw' : 'mn', into, ike(ms(t + 1), src, dst, fields));
  };
  send(at, by, message(asks, false));
  send(at + 1, by === 'mn' ? 'sgw' : 'mn', message(answers, true));
}

/** The hard handover of build.ts with its own INFORMATIONAL exchanges replaced by these. */
function paths(...talks: Talk[]): MetricInput {
  const home = { ...cell().ipsec[0]!, mobility: 'mobikex' as const };
  const input = handover({ cell: cell({ ipsec: [home] }) });
  for (const capture of input.captures) capture.packets = capture.packets.filter((seen) => seen.ike?.exchange !== 37);
  for (const one of talks) talk(input.wire, one);
  return input;
}

const PROBE: Talk = { at: 2110, messageId: 2, asks: [], answers: [] };
const move = (asks: Notifies, value: number): Talk => ({
  at: 2120,
  messageId: 3,
  asks: [...asks, COOKIE],
  answers: [notify(PATH_STATUS, status(0, value)), COOKIE],
});
const labels = (input: MetricInput) =>
  analyseRun(input)
    .ladder.filter(({ kind }) => /^(ike|probe|update)/.test(kind))
    .map(({ kind, label, from, to }) => `${kind} ${from} ${to}: ${label}`);
const gate = (input: MetricInput) => analyseRun(input).gates.find(({ name }) => name === 'handover')!;

describe('T_RC is about a probe of the mobile node', () => {
  it('not about a check by the responder, whatever its message ID', () => {
    const early: Talk = { at: 2105, messageId: 2, by: 'sgw', asks: [COOKIE], answers: [COOKIE] };
    const facts = analyseRun(paths(early, PROBE, move([MOVE], OK)));
    expect(facts.metrics.T_RC).toBeCloseTo(0.002, 9);
    expect(facts.metrics.T_UPDATE).toBeCloseTo(0.002, 9);
    const alone = analyseRun(paths(early, move([MOVE], OK)));
    expect(alone.metrics.T_RC).toBeNull();
    expect(alone.notes).toContain('T_RC: no path probe from a new address');
  });

  it('not about a request that adds or removes a path', () => {
    const add: Talk = { at: 2102, messageId: 2, asks: [notify(ADD, parameter(NEW_SENDER, 1, NEW)), COOKIE] };
    const remove: Talk = { at: 2106, messageId: 3, asks: [notify(REMOVE, parameter(OLD_SENDER, 0, OLD)), COOKIE] };
    const facts = analyseRun(paths(add, remove, { ...move([SWITCH], OK), messageId: 4 }));
    expect(facts.metrics.T_RC).toBeNull();
    expect(facts.metrics.T_UPDATE).toBeCloseTo(0.002, 9);
  });

  it('but may be a check: a probe has any content', () => {
    expect(analyseRun(paths({ ...PROBE, asks: [COOKIE], answers: [COOKIE] }, move([MOVE], OK))).metrics.T_RC).toBeCloseTo(0.002, 9);
  });
});

describe('an UPDATE with parameters', () => {
  it.each<[string, Notifies, number]>([
    ['to another path', [SWITCH], OK],
    ['of a path that moves', [MOVE], OK],
    ['of a path that moves once it is checked', [MOVE], PENDING],
  ])('%s is a handover', (_what, asks, value) => {
    expect(gate(paths(PROBE, move(asks, value)))).toMatchObject({ ok: true });
    expect(analyseRun(paths(PROBE, move(asks, value))).notes).toEqual([]);
  });

  it.each<[string, Notifies, number, string]>([
    ['another path that is not verified', [SWITCH], PENDING, 'rrc-pending'],
    ['a path nobody knows', [SWITCH], UNKNOWN, 'unknown-path'],
    ['a request over the wrong path', [MOVE], WRONG, 'wrong-path'],
    ['whatever comes later', [MOVE], 99, '99'],
  ])('is none when it is refused: %s', (_what, asks, value, why) => {
    const input = paths(PROBE, move(asks, value));
    expect(gate(input)).toMatchObject({ ok: false, detail: `no handover observed: UPDATE_SA_ADDRESSES was refused (${why})` });
    expect(analyseRun(input).notes).toContain(`T_UPDATE: the request was refused: ${why}`);
    const again = paths(PROBE, move(asks, value), { ...move(asks, OK), at: 2124, messageId: 4 });
    expect(gate(again)).toMatchObject({ ok: true });
  });

  it('is refused by an answer without a valid status, and in plain MOBIKE by UNACCEPTABLE_ADDRESSES', () => {
    const answered = (asks: Notifies, answers: Notifies) => gate(paths(PROBE, { ...move(asks, OK), answers })).detail;
    const refused = (why: string) => `no handover observed: UPDATE_SA_ADDRESSES was refused (${why})`;
    const plain = [notify(UPDATE)];
    expect(answered([MOVE], [COOKIE])).toBe(refused('no valid path status'));
    expect(answered([MOVE], [notify(PATH_STATUS, Buffer.alloc(3)), COOKIE])).toBe(refused('no valid path status'));
    expect(answered(plain, [notify(40), COOKIE])).toBe(refused('UNACCEPTABLE_ADDRESSES'));
    expect(answered(plain, [COOKIE])).toBe('the SA moved and every flow went on');
  });

  it('sent by the responder moves nothing of the mobile node', () => {
    expect(gate(paths(PROBE, { ...move([MOVE], OK), by: 'sgw' }))).toMatchObject({
      ok: false,
      detail: 'no handover observed: no answered UPDATE_SA_ADDRESSES after the event',
    });
  });
});

describe('the ladder', () => {
  it('tells the story of a path: added, checked, given SAs, used, and the old one removed', () => {
    const added = notify(ADD, parameter(NEW_SENDER, 1, NEW));
    const answer = (path: number, value: number) => [COOKIE, notify(PATH_STATUS, status(path, value))];
    const story = paths(
      { at: 2010, messageId: 2, asks: [added, notify(16388), COOKIE], answers: answer(1, PENDING) },
      { at: 2020, messageId: 0, by: 'sgw', asks: [COOKIE], answers: [COOKIE] },
      { at: 2030, messageId: 3, exchange: 36, asks: [added] },
      { at: 2040, messageId: 4, asks: [SWITCH, COOKIE], answers: answer(1, OK) },
      { at: 2050, messageId: 5, asks: [notify(REMOVE, parameter(OLD_SENDER, 0, OLD)), COOKIE], answers: answer(0, BUSY) },
      { at: 2060, messageId: 6, asks: [notify(REMOVE, parameter(OLD_SENDER, 0, OLD)), COOKIE] },
    );
    expect(labels(story)).toEqual([
      'ike mn sgw: ADD_SA_ADDRESS path 1 10.2.0.2:4500 request 2',
      'ike sgw mn: PATH_STATUS 1 rrc-pending response 2',
      'ike sgw mn: path check request 0',
      'ike mn sgw: path check response 0',
      'ike mn sgw: CREATE_CHILD_SA path 1 request 3',
      'ike sgw mn: CREATE_CHILD_SA path 1 response 3',
      'update mn sgw: UPDATE_SA_ADDRESSES path 0 -> 1 request 4',
      'update-reply sgw mn: PATH_STATUS 1 ok response 4',
      'ike mn sgw: REMOVE_SA_ADDRESS path 0 request 5',
      'ike sgw mn: PATH_STATUS 0 busy response 5',
      'ike mn sgw: REMOVE_SA_ADDRESS path 0 request 6',
      'ike sgw mn: REMOVE_SA_ADDRESS response 6',
    ]);
  });

  it('shows malformed requests for what they are', () => {
    expect(
      labels(
        paths(
          { at: 2010, messageId: 2, asks: [notify(ADD)] },
          { at: 2020, messageId: 3, exchange: 36, asks: [notify(ADD)] },
          { at: 2030, messageId: 4, asks: [SWITCH, notify(REMOVE, parameter(OLD_SENDER, 0, OLD))] },
        ),
      ).filter((_, i) => i % 2 === 0),
    ).toEqual([
      'ike mn sgw: ADD_SA_ADDRESS malformed: empty request 2',
      'ike mn sgw: CREATE_CHILD_SA path malformed request 3',
      'update mn sgw: UPDATE_SA_ADDRESSES path 0 -> 1 and REMOVE_SA_ADDRESS path 0 request 4',
    ]);
  });

  it('keeps the names of plain MOBIKE', () => {
    expect(labels(handover())).toEqual([
      'probe mn sgw: path probe request 2',
      'probe-reply sgw mn: path probe response 2',
      'update mn sgw: UPDATE_SA_ADDRESSES request 3',
      'update-reply sgw mn: UPDATE_SA_ADDRESSES response 3',
    ]);
  });
});

it('shows the whole of a soft handover: the ladder begins where the path was added, seconds before t0', () => {
  const soft = { kind: 'make-before-break', node: 'mn', interface: 'eth1', connection: 'home', local: NEW, drain: null, at: 1 } as const;
  const input = paths({ at: 1500, messageId: 2, asks: [notify(ADD, parameter(NEW_SENDER, 1, NEW)), COOKIE] }, move([SWITCH], OK));
  input.cell.timeline = [{ ...soft, at: 1 }];
  input.events = [{ index: 0, kind: soft.kind, node: 'mn', requested: ms(1490), issued: ms(1490), confirmed: ms(2110), notifications: [] }];
  const facts = analyseRun(input);
  expect(facts.t0).toBe(ms(2110));
  expect(facts.ladder.map(({ label }) => label).join('\n')).toContain('ADD_SA_ADDRESS path 1');
});

it('an added path prepares: what comes after it is measured', () => {
  const add = { kind: 'mobike', node: 'mn', connection: 'home', action: 'add', local: NEW, at: 1 } as const;
  const input = paths(move([SWITCH], OK));
  const { at } = input.cell.timeline[0]!;
  input.cell.timeline = [{ ...add, at: at - 0.5 }, ...input.cell.timeline];
  input.events = input.events.map((event) => ({ ...event, index: 1 }));
  expect(analyseRun(input).event).toMatch(/^admin-down/);
});
