import { expect, it } from 'vitest';
import { FLOW, Script } from './script.ts';

it('connections of another realm are others, though their addresses are the same', () => {
  const s = new Script();
  for (let index = 0; index < 4; index += 1) s.data(index);
  const other = { ...FLOW, realm: 7 };
  s.data(0, { flow: other });
  expect([s.agent.connections, s.agent.cachedPackets]).toEqual([2, 5]);
  // ended there, and not here
  expect(s.data(0, { flow: other, length: 0, flags: { rst: true } })).toEqual(['drop 5', 'forward']);
  expect([s.agent.connections, s.agent.cachedPackets]).toEqual([1, 4]);
  expect(s.agent.look(other)).toBeNull();
  expect(s.agent.look({ ...FLOW, realm: 0 })?.packets).toHaveLength(4);
  expect(s.ack(4)).toEqual(['drop 1', 'drop 2', 'drop 3', 'drop 4', 'forward']);
});
