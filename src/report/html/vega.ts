/** Vega-Lite draws here, on the server: the page holds plain SVG and no script. */
import { parse, View } from 'vega';
import { type Config, compile, type TopLevelSpec } from 'vega-lite';
import { type Markup, raw } from './markup.ts';

export const INK = '#1b2430';
const GREY = '#9aa4b1';

/** An axis label as format.ts groups digits. */
export const GROUPED = "replace(datum.label, /,/g, '\u202f')";

/** What all charts share. */
export const LOOK: Config = {
  font: 'system-ui, DejaVu Sans, sans-serif',
  view: { stroke: null },
  axis: {
    labelFontSize: 11,
    labelColor: INK,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titleColor: '#55606e',
    grid: true,
    gridColor: '#e8ebf0',
    domainColor: GREY,
    tickColor: GREY,
  },
};

/** The chart as SVG, for a figure that names it. */
export async function drawn(spec: TopLevelSpec): Promise<Markup> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return raw(svg);
}
