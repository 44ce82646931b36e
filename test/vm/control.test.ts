import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { Control } from '../../src/vm/control.ts';

/** The other end of a control channel: what is said is kept, answers are pushed by the test. */
function channel() {
  const [ours, theirs] = duplexPair();
  const asked: { execute: string; id: number }[] = [];
  theirs.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) asked.push(JSON.parse(line) as (typeof asked)[number]);
  });
  const say = (value: object) => theirs.write(`${JSON.stringify(value)}\r\n`);
  return { control: new Control(ours), asked, say, end: () => theirs.end() };
}

test('greets first, then answers find their questions, in any order', async () => {
  const { control, asked, say } = channel();
  say({ QMP: { version: {} } });
  const first = control.ask('query-status');
  const second = control.ask('cont');
  await new Promise(setImmediate);
  expect(asked.map(({ execute }) => execute)).toEqual(['qmp_capabilities', 'query-status', 'cont']);
  say({ return: 'second', id: asked[2]?.id });
  say({ return: 'first', id: asked[1]?.id });
  expect(await Promise.all([first, second])).toEqual(['first', 'second']);
});

test('events reach their listener, whatever is asked meanwhile', async () => {
  const { control, say } = channel();
  const stopped = new Promise<void>((resolve) => control.on('STOP', resolve));
  say({ event: 'STOP' });
  say({ event: 'STOP' });
  await stopped;
});

test('a refusal is an error with QEMU’s words; so is the end of QEMU, for every question open or asked later', async () => {
  const { control, asked, say, end } = channel();
  const refused = control.ask('migrate', { uri: 'nowhere:' });
  await new Promise(setImmediate);
  say({ error: { class: 'GenericError', desc: 'unknown migration protocol: nowhere:' }, id: asked[1]?.id });
  await expect(refused).rejects.toMatchObject({ code: 'E_QEMU', exit: 1, message: 'QEMU: unknown migration protocol: nowhere:' });
  const open = control.ask('cont');
  end();
  await expect(open).rejects.toMatchObject({ code: 'E_QEMU', message: 'QEMU ended' });
  await expect(control.ask('cont')).rejects.toMatchObject({ code: 'E_QEMU' });
});
