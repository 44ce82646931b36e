/** How the lines of one chart differ: colour, dash and shape, so that none is told by colour alone. Colours of Okabe and Ito, darker. */

const COLORS = ['#1f5f99', '#a34a00', '#1b7a54', '#8a3b74', '#55606e', '#7a6a00', '#2b2b8f', '#a11414'];
const DASHES = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 2, 2, 2],
  [1, 0],
  [4, 4],
  [10, 3],
  [2, 4],
];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down', 'cross', 'triangle-right', 'triangle-left'];

/** More lines hide each other. */
export const MOST_LINES = COLORS.length;

/** Scales for the lines of this chart, in their order; `field` holds the name. */
export function lineScales(names: readonly string[], field: string) {
  const by = (range: readonly unknown[]) => ({
    field,
    type: 'nominal' as const,
    title: null,
    scale: { domain: [...names], range: names.map((_, i) => range[i % range.length]) },
  });
  return { color: by(COLORS), strokeDash: by(DASHES), shape: by(SHAPES) };
}

/** Below the chart, two in a row: beside it a phone would have no room. */
export const LEGEND = {
  orient: 'bottom',
  columns: 2,
  labelFontSize: 11,
  symbolSize: 70,
  symbolStrokeWidth: 1.6,
  symbolOpacity: 1,
  labelLimit: 0,
} as const;
