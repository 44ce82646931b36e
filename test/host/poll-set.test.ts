import { expect, test } from 'vitest';
import { AF, bind, close, nanosecondsSince, receive, SOCK, sendTo, socket, socketAddress } from '../../src/host/libc.ts';
import { POLLIN, POLLOUT, PollSet } from '../../src/host/poll-set.ts';
import { boundPort } from '../../src/host/stream-socket.ts';

test('tells who is ready, forgets who rests, and waits no longer than it is told', () => {
  const [one, two] = [socket(AF.INET, SOCK.DGRAM, 0), socket(AF.INET, SOCK.DGRAM, 0)];
  for (const fd of [one, two]) bind(fd, socketAddress('127.0.0.1', 0));
  const set = new PollSet(3);
  expect(set.wait(0)).toBe(false);
  set.watch(0, one, POLLIN);
  set.watch(2, two, POLLIN);
  const begun = nanosecondsSince(0);
  expect(set.wait(2e6)).toBe(false);
  expect(nanosecondsSince(0) - begun).toBeGreaterThanOrEqual(2e6 - 1000); // CLOCK_REALTIME has fewer digits than we ask of it here
  sendTo(one, Buffer.from('hello'), socketAddress('127.0.0.1', boundPort(two)));
  expect(set.wait(10e9)).toBe(true);
  expect([0, 1, 2].map((place) => set.ready(place))).toEqual([false, false, true]);
  set.rest(2);
  expect([set.ready(2), set.wait(0)]).toEqual([false, false]);
  set.watch(0, one, POLLOUT);
  expect([set.wait(10e9), set.ready(0), set.ready(2)]).toEqual([true, true, false]);
  expect(receive(two, Buffer.alloc(9))).toBe(5);
  for (const fd of [one, two]) close(fd);
});
