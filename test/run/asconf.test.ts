import { describe, expect, test } from 'vitest';
import { addressChanges, recordChanges } from '../../src/run/asconf.ts';
import { confirmEvents } from '../../src/run/events.ts';
import type { AddressChanged } from '../../src/traffic/protocol.ts';
import type { AsconfCommand, Flow, TimedEvent } from '../../src/types/experiment.ts';
import type { EventRecord } from '../../src/types/run.ts';
import { cell } from '../metrics/build.ts';

const asconf = (at: number, action: AsconfCommand['action'], node = 'mn'): TimedEvent => ({
  ...{ kind: 'asconf', at, node, flow: 'data', action, address: '10.2.0.2' },
});
const down: TimedEvent = { kind: 'admin-down', node: 'mn', interface: 'eth1', at: 1 };
const timeline = [asconf(0.5, 'add'), down, asconf(2, 'set-primary', 'server')];
const flows = [{ name: 'other' }, { name: 'data', from: 'mn', to: 'server' }] as Flow[];
const context = (nullEvent = false) => ({ cell: cell({ timeline }), moment: { run: 1, nullEvent, seed: 1 }, flowsStart: 1e9 });
const came = (issued: number, more: Partial<AddressChanged> = {}): AddressChanged => ({
  ...{ issued, done: issued + 10, errno: 0, over: false, ...more },
});
const kernelEvent: EventRecord = {
  ...{ index: 1, kind: 'admin-down', node: 'mn', requested: 2e9, issued: 2e9 + 5, confirmed: null, notifications: [] },
};

describe('what the traffic thread is asked', () => {
  test('the flow by its place, the end by its node, the instant on the clock of the run', () => {
    expect(addressChanges(context(), flows).map(({ index, change }) => [index, change])).toEqual([
      [0, { flow: 1, at: 1.5e9, action: 'add', address: '10.2.0.2', end: 'sender' }],
      [2, { flow: 1, at: 3e9, action: 'set-primary', address: '10.2.0.2', end: 'receiver' }],
    ]);
  });

  test('nothing in a null run', () => {
    expect(addressChanges(context(true), flows)).toEqual([]);
  });
});

describe('what is recorded', () => {
  const asked = addressChanges(context(), flows);

  test('changes among the other events, which keep what the kernel said of them', () => {
    const events = [kernelEvent];
    recordChanges(events, asked, [came(1.5e9), came(3e9, { over: true })]);
    confirmEvents(context().cell, events, [
      { t: 1.5e9 + 1, node: 'mn', what: 'address add 10.2.0.2/24' },
      { t: 2e9 + 9, node: 'mn', what: 'link eth1 down' },
      { t: 3e9 + 9, node: 'mn', what: 'route del default' },
    ]);
    expect(events).toEqual([
      {
        ...{ index: 0, kind: 'asconf', node: 'mn', requested: 1.5e9, issued: 1.5e9, confirmed: 1.5e9 + 10 },
        notifications: [{ t: 1.5e9 + 10, what: 'mn: asconf add 10.2.0.2' }],
      },
      {
        ...{ ...kernelEvent, confirmed: 2e9 + 9 },
        notifications: [
          { t: 2e9 + 9, what: 'mn: link eth1 down' },
          { t: 3e9 + 9, what: 'mn: route del default' },
        ],
      },
      {
        ...{ index: 2, kind: 'asconf', node: 'server', requested: 3e9, issued: 3e9, confirmed: null },
        notifications: [{ t: 3e9 + 10, what: 'server: asconf set-primary 10.2.0.2: the association of data had ended' }],
      },
    ]);
  });

  test('what did not come to its instant is not there', () => {
    const events: EventRecord[] = [];
    recordChanges(events, asked, [came(1.5e9), null]);
    expect(events.map(({ index }) => index)).toEqual([0]);
  });

  test('one the kernel refused fails the run', () => {
    expect(() => recordChanges([], asked, [came(1.5e9, { errno: 99 }), null])).toThrow(
      expect.objectContaining({
        code: 'E_EVENT',
        message: 'asconf add 10.2.0.2 of data on mn: address not available (EADDRNOTAVAIL)',
      }),
    );
  });
});
