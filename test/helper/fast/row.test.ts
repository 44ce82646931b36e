import { expect, it } from 'vitest';
import { Row } from '../../../src/helper/fast/row.ts';

function rows() {
  const sent: string[] = [];
  const sender = {
    data: new Uint8Array(65_507),
    send: (length: number, size: number, tos: number) => {
      sent.push(`${length}/${size} tos ${tos}`);
      return 0;
    },
  };
  const counted: number[] = [];
  const row = new Row(sender, ({ count }) => counted.push(count));
  const put = (octets: number, tos = 0) => {
    const place = row.place(octets, tos);
    if (place !== null) row.add(octets, 1, 2);
    return place;
  };
  return { sent, counted, row, put };
}

it('keeps datagrams of one size together until it is flushed', () => {
  const { sent, counted, row, put } = rows();
  expect([put(1000), put(1000), put(1000)].map((place) => place?.byteOffset)).toEqual([0, 1000, 2000]);
  row.flush();
  row.flush();
  expect(sent).toEqual(['3000/1000 tos 0']);
  expect(counted).toEqual([3]);
});

it('ends with a shorter one', () => {
  const { sent, row, put } = rows();
  for (const octets of [1000, 1000, 600, 600]) put(octets);
  row.flush();
  expect(sent).toEqual(['2600/1000 tos 0', '600/600 tos 0']);
});

it('begins again with a longer one, with another TOS, and when it is full', () => {
  const { sent, row, put } = rows();
  for (const octets of [100, 200]) put(octets);
  put(200, 0x10);
  row.flush();
  expect(sent).toEqual(['100/100 tos 0', '200/200 tos 0', '200/200 tos 16']);
  sent.length = 0;
  for (let i = 0; i < 70; i++) put(10);
  for (let i = 0; i < 50; i++) put(1472);
  row.flush();
  expect(sent).toEqual(['640/10 tos 0', '60/10 tos 0', `${44 * 1472}/1472 tos 0`, `${6 * 1472}/1472 tos 0`]);
});

it('takes no datagram that is none, and forgets a place nothing was put in', () => {
  const { sent, row, put } = rows();
  expect(put(0)).toBeNull();
  expect(put(65_508)).toBeNull();
  row.place(1000, 0);
  put(400);
  put(400);
  row.flush();
  expect(sent).toEqual(['800/400 tos 0']);
});
