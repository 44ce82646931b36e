import { describe, expect, onTestFinished, test } from 'vitest';
import { Screen } from '../../../src/cli/live/screen.ts';
import { fakeTerminal } from './terminal.ts';

/** A screen whose block is what `block` holds. */
function shown(columns = 40, rows = 10) {
  const terminal = fakeTerminal(columns, rows);
  const block: string[] = ['one', 'two'];
  const write = terminal.stream.write;
  const screen = new Screen(terminal.stream, () => block);
  onTestFinished(() => screen.end(false));
  const draw = (...lines: string[]) => {
    block.splice(0, block.length, ...lines);
    screen.redraw();
  };
  return { terminal, screen, draw, write };
}

describe('the block', () => {
  test('is redrawn in place, longer or shorter', async () => {
    const { terminal, draw } = shown();
    const drawn = ['one', 'TWO', 'three', 'four'];
    for (const lines of [drawn, drawn.slice(0, 1), ['x', 'y', 'z'], drawn]) {
      draw(...lines);
      expect(await terminal.seen()).toEqual(lines);
    }
  });

  test('leaves above it what was there before, and what anybody writes meanwhile', async () => {
    const terminal = fakeTerminal(40, 10);
    terminal.stream.write('before\n');
    const screen = new Screen(terminal.stream, () => ['block', 'end']);
    terminal.stream.write('a note\n');
    terminal.stream.write(Buffer.from('octets\nand more\n'));
    terminal.stream.write('no end of line');
    terminal.stream.write('');
    terminal.stream.write('\nroamlab: stopping, please wait\n');
    const notes = ['before', 'a note', 'octets', 'and more', 'no end of line', '', 'roamlab: stopping, please wait'];
    expect(await terminal.seen()).toEqual([...notes, 'block', 'end']);
    screen.end(false);
    expect(await terminal.seen()).toEqual(notes);
  });

  test('scrolls with the terminal, and nothing is lost or there twice', async () => {
    const { terminal, draw } = shown(30, 6);
    const notes = Array.from({ length: 30 }, (_, i) => `note ${i}`);
    for (const [i, note] of notes.entries()) {
      terminal.stream.write(`${note}\n`);
      draw('head', ...Array.from({ length: i % 4 }, (_, row) => `row ${row} ${i}`), `foot ${i}`);
    }
    expect(await terminal.seen()).toEqual([...notes, 'head', 'row 0 29', 'foot 29']);
  });

  test('is drawn anew when the terminal becomes wider', async () => {
    const { terminal } = shown();
    terminal.stream.write('a note\n');
    terminal.resize(60, 12);
    expect(await terminal.seen()).toEqual(['a note', 'one', 'two']);
  });

  test('hides no cursor and changes no mode: a kill leaves nothing to repair', async () => {
    const { terminal, draw } = shown();
    draw('a', 'b');
    terminal.stream.write('note\n');
    await terminal.seen();
    const modes = terminal.raw().match(new RegExp(`${String.fromCharCode(27)}\\[\\?\\d+[hl]`, 'g'));
    // synchronised output begins and ends within each write
    expect(new Set(modes)).toEqual(new Set(['\u001b[?2026h', '\u001b[?2026l']));
    expect(modes!.at(-1)).toBe('\u001b[?2026l');
  });
});

describe('at its end', () => {
  test('the block stays or goes, and the stream is as it was', async () => {
    for (const keep of [true, false]) {
      const { terminal, screen, draw, write } = shown();
      expect(terminal.stream.write).not.toBe(write);
      draw('last');
      screen.end(keep);
      screen.end(!keep);
      draw('too late');
      expect(terminal.stream.write).toBe(write);
      terminal.stream.write('after\n');
      expect(await terminal.seen()).toEqual(keep ? ['last', 'after'] : ['after']);
      expect(terminal.stream.listenerCount('resize')).toBe(0);
    }
  });

  test('what stays is the state at the end, not at the last redraw', async () => {
    const terminal = fakeTerminal(40, 10);
    let text = 'early';
    const screen = new Screen(terminal.stream, () => [text]);
    text = 'final';
    screen.end(true);
    expect(await terminal.seen()).toEqual(['final']);
  });
});
