/** Ratios of several payloads in words: from the smallest change to the largest. */
export interface Ratio {
  flow: string;
  /** of transport mode to tunnel mode */
  ratio: number;
}

/** `4.1 % (p1400) to 9.3 % (p64) fewer`; at least one ratio. */
export function range(ratios: readonly Ratio[], flow: (name: string) => string): string {
  const ascending = ratios.toSorted((a, b) => b.ratio - a.ratio);
  const [least, most] = [ascending[0]!, ascending.at(-1)!];
  const show = (entry: Ratio): string => `${percent(Math.abs(saved(entry)))}\u00a0% `;
  if (ratios.length === 1) return `${show(least)}${word(least)} (${flow(least.flow)})`;
  if (word(least) === word(most) || isNone(least) || isNone(most)) {
    // the smaller change first, whichever direction they have
    const [small, large] = Math.abs(saved(most)) >= Math.abs(saved(least)) ? [least, most] : [most, least];
    return `${show(small)}(${flow(small.flow)}) to ${show(large)}(${flow(large.flow)}) ${word(large)}`;
  }
  return `from ${show(least)}${word(least)} (${flow(least.flow)}) to ${show(most)}${word(most)} (${flow(most.flow)})`;
}

const saved = ({ ratio }: Ratio): number => 100 * (1 - ratio);
const word = (entry: Ratio): string => (saved(entry) >= 0 ? 'fewer' : 'more');
/** Printed as 0, which is neither fewer nor more. */
const isNone = (entry: Ratio): boolean => Number(percent(Math.abs(saved(entry)))) === 0;
const percent = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
