import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Agreement, NEVER, stronger } from '../../src/mlipsec/agreement.ts';
import { DynamicPolicy, GRACE, RAISED_AFTER } from '../../src/mlipsec/dynamic.ts';
import { flowKey } from '../../src/mlipsec/flow-key.ts';
import type { ProtectionMode } from '../../src/types/experiment.ts';
import { ipv4 } from '../pcap/build/net.ts';

const MODES: ProtectionMode[] = ['plain', 'ipsec', 'mml'];
const ALWAYS = Number.POSITIVE_INFINITY;

interface Ends {
  src?: string;
  dst?: string;
  protocol?: number;
  from?: number;
  to?: number;
}
function packet({ src = '10.8.0.1', dst = '10.10.0.2', protocol = 6, from = 5201, to = 40_000 }: Ends = {}): Buffer {
  const upper = Buffer.alloc(20);
  upper.writeUInt16BE(from, 0);
  upper.writeUInt16BE(to, 2);
  return ipv4({ src, dst, protocol }, upper);
}
const back = ({ src = '10.8.0.1', dst = '10.10.0.2', from = 5201, to = 40_000, ...rest }: Ends = {}): Buffer =>
  packet({ src: dst, dst: src, from: to, to: from, ...rest });

const agreement = (one: Partial<Agreement> = {}): Agreement => ({ everyNth: 3, otherwise: 'plain', perFlow: [], until: ALWAYS, ...one });
function policy(one: Partial<Agreement> | null = {}, maxFlows?: number) {
  const clock = { now: 100 };
  const made = new DynamicPolicy({
    agreement: one === null ? null : agreement(one),
    now: () => clock.now,
    ...(maxFlows === undefined ? {} : { maxFlows }),
  });
  const modes = (count: number, inner = packet()) => Array.from({ length: count }, () => made.chooseMode(inner));
  return { made, clock, modes };
}

describe('flow keys', () => {
  const fragment = (word: number) => {
    const one = packet();
    one.writeUInt16BE(word, 6);
    return one;
  };

  it('are the same both ways and differ by address, protocol and port', () => {
    expect(flowKey(packet())?.key).toBe(flowKey(back())?.key);
    expect(flowKey(packet({ dst: '10.8.0.1', from: 9, to: 5 }))?.key).toBe(flowKey(packet({ dst: '10.8.0.1', from: 5, to: 9 }))?.key);
    const others = [{ src: '10.8.0.2' }, { dst: '10.10.0.3' }, { protocol: 17 }, { protocol: 47 }, { from: 5202 }, { to: 40_001 }];
    expect(new Set([{}, ...others].map((ends) => flowKey(packet(ends))?.key)).size).toBe(others.length + 1);
  });

  it('are equal for equal ends only, every bit of them counting', () => {
    const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((octets) => octets.join('.'));
    const port = fc.nat(0xffff);
    const one = fc.record({ src: address, dst: address, protocol: fc.constantFrom(6, 17, 132), from: port, to: port });
    fc.assert(
      fc.property(one, fc.nat(8 * 13 - 1), (ends, bit) => {
        const inner = packet(ends);
        const key = flowKey(inner)?.key;
        const other = Buffer.from(inner);
        // protocol, addresses, ports
        const at = [9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23][bit >>> 3]!;
        other[at]! ^= 1 << (bit & 7);
        return key === flowKey(back(ends))?.key && key !== flowKey(other)?.key;
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['a first fragment', fragment(0x2000)],
    ['a later fragment', fragment(1)],
    ['IPv6', Buffer.alloc(40, 0x60)],
    ['IPv6 that would be IPv4 with another version', Buffer.alloc(40, 0x65)],
    ['a header cut off', packet().subarray(0, 19)],
    ['ports cut off', packet().subarray(0, 23)],
    ['a header too short', Buffer.concat([Buffer.of(0x44), packet().subarray(1)])],
    ['options cut off', Buffer.concat([Buffer.of(0x4f), packet().subarray(1)])],
    ['nothing', Buffer.alloc(0)],
  ])('%s shows no flow: it is sent in mml and taken in nothing else', (_, inner) => {
    const { made } = policy({ perFlow: [{ port: 5201, mode: 'plain' }] });
    expect(flowKey(inner)).toBeNull();
    expect(made.chooseMode(inner)).toBe('mml');
    expect(MODES.map((mode) => made.accept(mode, inner))).toEqual(['not-agreed', 'not-agreed', null]);
    made.raise('mml', inner);
  });

  it('are found with the flag that forbids fragments, and ports behind options', () => {
    expect(flowKey(fragment(0x4000))?.key).toBe(flowKey(packet())?.key);
    const options = Buffer.concat([packet().subarray(0, 20), Buffer.alloc(4), packet().subarray(20)]);
    options[0] = 0x46;
    expect(flowKey(options)?.ports).toEqual([5201, 40_000]);
    expect(flowKey(packet({ protocol: 1 }))?.ports).toEqual([0, 0]);
    expect(flowKey(packet({ protocol: 1 }).subarray(0, 20))?.ports).toEqual([0, 0]);
    expect(flowKey(packet().subarray(0, 24))?.ports).toEqual([5201, 40_000]);
  });
});

describe('sending', () => {
  it.each([
    [1, 'mml mml mml mml'],
    [2, 'mml plain mml plain'],
    [3, 'mml plain plain mml'],
  ])('every %ith packet of a flow is mml, the first one to begin with', (everyNth, modes) => {
    expect(policy({ everyNth }).modes(4).join(' ')).toBe(modes);
  });

  it('never is never, and what comes in a stronger mode raises at once', () => {
    expect(NEVER).toBe(2_147_483_647); // as files' `never` becomes
    const { made, modes } = policy({ everyNth: NEVER });
    expect(new Set(modes(50))).toEqual(new Set(['plain']));
    made.accept('mml', back());
    expect(new Set(modes(50))).toEqual(new Set(['mml']));
  });

  it('flows are counted by themselves', () => {
    const { modes } = policy();
    expect([...modes(2), ...modes(1, packet({ from: 80 })), ...modes(2)]).toEqual(['mml', 'plain', 'mml', 'plain', 'mml']);
  });

  it('flows with a mode of their own have it in every packet, the port being at either end', () => {
    const perFlow = [
      { port: 80, mode: 'plain' as const },
      { port: 443, mode: 'ipsec' as const },
      { port: 22, mode: 'mml' as const },
    ];
    const { modes } = policy({ perFlow, otherwise: 'ipsec' });
    expect(modes(3, packet({ from: 80 }))).toEqual(['plain', 'plain', 'plain']);
    expect(modes(3, packet({ to: 443 }))).toEqual(['ipsec', 'ipsec', 'ipsec']);
    expect(modes(3, packet({ to: 22, protocol: 17 }))).toEqual(['mml', 'mml', 'mml']);
    expect(modes(2)).toEqual(['mml', 'ipsec']);
    expect(modes(2, packet({ from: 80, to: 443 }))).toEqual(['ipsec', 'ipsec']);
    expect(modes(2, packet({ from: 22, to: 80 }))).toEqual(['mml', 'mml']);
  });

  it.each([null, { otherwise: 'mml' as const }])('with %j all is mml', (one) => {
    const { made, modes } = policy(one);
    expect(new Set(modes(10))).toEqual(new Set(['mml']));
    expect(made.accept('mml', packet())).toBeNull();
    expect(made.accept('ipsec', packet())).toBe('not-agreed');
    expect(made.accept('plain', packet())).toBe('not-agreed');
  });

  it('an agreement ends: at once for what is sent, a little later for what arrives', () => {
    const { made, clock, modes } = policy({ until: 200 });
    clock.now = 199.9;
    expect(modes(3)).toContain('plain');
    clock.now = 200;
    expect(new Set(modes(10))).toEqual(new Set(['mml']));
    expect(made.accept('plain', packet())).toBeNull();
    clock.now = 200 + GRACE;
    expect(made.accept('plain', packet())).toBe('not-agreed');
  });
});

describe('receiving', () => {
  it.each([
    ['plain', [null, null, null]],
    ['ipsec', ['not-agreed', null, null]],
    ['mml', ['not-agreed', 'not-agreed', null]],
  ] as const)('where %s was agreed on nothing weaker is taken', (otherwise, answers) => {
    expect(MODES.map((mode) => policy({ otherwise }).made.accept(mode, packet()))).toEqual(answers);
    const perFlow = [{ port: 40_000, mode: otherwise }];
    expect(MODES.map((mode) => policy({ otherwise: 'plain', perFlow }).made.accept(mode, packet()))).toEqual(answers);
  });

  it('packets in clear leave no trace', () => {
    const { made, modes } = policy({ everyNth: 4 }, 2);
    const before = modes(1);
    for (let port = 1; port < 100; port++) made.accept('plain', packet({ from: port }));
    expect([...before, ...modes(4)]).toEqual(['mml', 'plain', 'plain', 'plain', 'mml']);
  });

  it('the first stronger packet of a flow with a mode of its own raises it', () => {
    const { made, modes } = policy({ perFlow: [{ port: 5201, mode: 'plain' }] });
    made.accept('plain', back());
    expect(modes(2)).toEqual(['plain', 'plain']);
    made.accept('ipsec', back());
    expect(modes(2)).toEqual(['ipsec', 'ipsec']);
    made.accept('mml', back());
    made.accept('ipsec', back());
    expect(modes(2)).toEqual(['mml', 'mml']);
    expect(modes(2, packet({ to: 40_001 }))).toEqual(['plain', 'plain']);
    expect(made.accept('plain', back())).toBeNull();
  });

  it('where every n-th is mml, one in a mode that is not part of the pattern raises the others', () => {
    const { made, modes } = policy({ everyNth: 2 });
    made.accept('ipsec', back());
    expect(modes(4)).toEqual(['mml', 'ipsec', 'mml', 'ipsec']);
  });

  it('mml as agreed raises nothing, and a long row of it everything of the flow', () => {
    const { made, modes } = policy({ everyNth: 2 });
    const row = (count: number) => {
      for (let i = 0; i < count; i++) made.accept('mml', back());
    };
    for (let i = 0; i < 100; i++) {
      row(RAISED_AFTER - 1);
      made.accept('plain', back());
    }
    expect(modes(2)).toEqual(['mml', 'plain']);
    row(RAISED_AFTER);
    expect(modes(3)).toEqual(['mml', 'mml', 'mml']);
    expect(modes(2, packet({ from: 80 }))).toEqual(['mml', 'plain']);
  });

  it('what was raised goes down by a new agreement only, and not up again by packets from before it', () => {
    const { made, clock, modes } = policy({ perFlow: [{ port: 5201, mode: 'plain' }], until: 1000 });
    made.raise('mml', packet());
    clock.now = 999;
    expect(modes(1)).toEqual(['mml']);
    made.agree(agreement({ perFlow: [{ port: 5201, mode: 'plain' }] }));
    made.accept('mml', back());
    expect(modes(1)).toEqual(['plain']);
    clock.now += GRACE;
    made.accept('mml', back());
    expect(modes(1)).toEqual(['mml']);
    made.agree(null);
    expect(made.accept('plain', back())).toBe('not-agreed');
  });

  it('a flow that was raised is not forgotten for others: all are raised when there are too many', () => {
    const { made, modes } = policy({ perFlow: [{ port: 5201, mode: 'plain' }] }, 8);
    for (let port = 1; port <= 9; port++) made.accept(port === 1 ? 'ipsec' : 'mml', packet({ to: port }));
    expect(modes(1, packet({ to: 1 }))).toEqual(['mml']);
    expect(modes(1, packet({ to: 50 }))).toEqual(['mml']);
  });
});

describe('what is remembered', () => {
  it('is as many flows as may be: the oldest one begins again', () => {
    const { modes } = policy({ everyNth: 9 }, 2);
    const first = packet({ to: 1 });
    expect(modes(2, first)).toEqual(['mml', 'plain']);
    expect(modes(1, packet({ to: 2 }))).toEqual(['mml']);
    expect(modes(1, first)).toEqual(['plain']);
    expect(modes(1, packet({ to: 3 }))).toEqual(['mml']);
    expect(modes(2, first)).toEqual(['mml', 'plain']);
  });

  it('is of rows received as many, too', () => {
    const { made, modes } = policy({ everyNth: 2 }, 1);
    const receive = (to: number) => made.accept('mml', packet({ to }));
    for (let n = 1; n < RAISED_AFTER; n++) receive(1);
    receive(2);
    receive(1);
    expect(modes(2, packet({ to: 1 }))).toEqual(['mml', 'plain']);
  });

  it('raising a flow further takes no place of its own', () => {
    const { made, modes } = policy({ perFlow: [{ port: 5201, mode: 'plain' }] }, 1);
    made.accept('ipsec', packet({ to: 1 }));
    made.accept('mml', packet({ to: 1 }));
    expect(modes(1, packet({ to: 1 }))).toEqual(['mml']);
    expect(modes(1, packet({ to: 2 }))).toEqual(['plain']);
  });

  it('a new agreement forgets what all flows were raised to', () => {
    const { made, modes } = policy({ perFlow: [{ port: 5201, mode: 'plain' }] }, 1);
    for (const to of [1, 2]) made.accept('mml', packet({ to }));
    expect(modes(1, packet({ to: 3 }))).toEqual(['mml']);
    made.agree(agreement({ perFlow: [{ port: 5201, mode: 'plain' }] }));
    expect(modes(1, packet({ to: 3 }))).toEqual(['plain']);
  });
});

describe('agreements', () => {
  it.each([
    { everyNth: 0 },
    { everyNth: 1.5 },
    { everyNth: Number.NaN },
    { otherwise: 'none' as ProtectionMode },
    { perFlow: [{ port: 0, mode: 'plain' as const }] },
    { perFlow: [{ port: 65_536, mode: 'plain' as const }] },
    { perFlow: [{ port: 1, mode: 'weak' as ProtectionMode }] },
    { until: Number.NaN },
  ])('%j is none, and leaves the one before in force', (one) => {
    expect(() => policy(one)).toThrow(TypeError);
    const { made, modes } = policy({ everyNth: 2 });
    expect(() => made.agree(agreement(one))).toThrow(TypeError);
    expect(modes(2)).toEqual(['mml', 'plain']);
  });
});

describe('for any agreement and traffic', () => {
  const mode = fc.constantFrom(...MODES);
  const port = fc.constantFrom(22, 80, 443, 5201);
  const ends = fc.record({ from: port, to: port, protocol: fc.constantFrom(1, 6, 17) });
  const terms = fc.record({
    everyNth: fc.integer({ min: 1, max: 6 }),
    otherwise: mode,
    perFlow: fc.array(fc.record({ port, mode }), { maxLength: 3 }),
  });
  const event = fc.oneof(
    fc.record({ do: fc.constant('send' as const), ends }),
    fc.record({ do: fc.constant('receive' as const), ends, mode }),
  );

  it('what one end sends the other takes, whatever has been raised on the way', () => {
    fc.assert(
      fc.property(terms, fc.array(fc.record({ ends, left: fc.boolean(), arrives: fc.boolean(), raise: fc.option(mode) })), (one, sent) => {
        const [left, right] = [policy(one, 3).made, policy(one, 3).made];
        for (const { ends: of, left: fromLeft, arrives, raise } of sent) {
          const [sender, receiver] = fromLeft ? [left, right] : [right, left];
          const inner = fromLeft ? packet(of) : back(of);
          if (raise !== null) sender.raise(raise, inner);
          const chosen = sender.chooseMode(inner);
          if (arrives && receiver.accept(chosen, inner) !== null) return false;
        }
        return true;
      }),
    );
  });

  it('nothing is sent or taken weaker than agreed, and a flow never falls below what it was raised to', () => {
    fc.assert(
      fc.property(terms, fc.array(event, { maxLength: 60 }), (one, events) => {
        const { made } = policy(one, 3);
        const raised = new Map<string, ProtectionMode>();
        for (const step of events) {
          const inner = step.do === 'send' ? packet(step.ends) : back(step.ends);
          const own = one.perFlow.filter((each) => step.ends.protocol !== 1 && [step.ends.from, step.ends.to].includes(each.port));
          const least = own.length === 0 ? (one.everyNth === 1 ? 'mml' : one.otherwise) : own.map((each) => each.mode).reduce(stronger);
          const { key } = flowKey(inner)!;
          if (step.do === 'send') {
            const chosen = made.chooseMode(inner);
            const bound = stronger(least, raised.get(key) ?? 'plain');
            if (stronger(chosen, bound) !== chosen) return false;
          } else {
            const answer = made.accept(step.mode, inner);
            const enough = stronger(step.mode, least) === step.mode;
            if ((answer === null) !== enough) return false;
            const pattern = own.length === 0 && step.mode === 'mml';
            if (enough && !pattern) raised.set(key, stronger(step.mode, raised.get(key) ?? 'plain'));
          }
        }
        return true;
      }),
    );
  });

  it('of n packets in a row of a flow that nobody raised one is mml', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(20), (everyNth, before) => {
        const { modes } = policy({ everyNth });
        modes(before);
        return modes(everyNth).filter((one) => one === 'mml').length === 1;
      }),
    );
  });

  it('octets from anyone are no trouble', () => {
    const { made } = policy({ perFlow: [{ port: 80, mode: 'plain' }] }, 16);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), mode, (octets, as) => {
        if (octets.length > 0) octets[0] = 0x40 | (octets[0]! & 0xf);
        return MODES.includes(made.chooseMode(octets)) && [null, 'not-agreed'].includes(made.accept(as, octets));
      }),
      { numRuns: 2000 },
    );
  });
});
