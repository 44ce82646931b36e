/** A template tag that escapes every value, so that a node's name or an error's text stays text. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | null | Markup | readonly Value[];

/** Builds markup; values are escaped unless they are Markup, arrays are joined, null is nothing. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < values.length ? render(values[i]!) : '')).join(''));
}

/** Markup made by someone who escaped already (vega's SVG). */
export function raw(text: string): Markup {
  return new Markup(text);
}

function render(value: Value): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return escaped(String(value));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  // control characters are not allowed in XML 1.0, not even escaped
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!).replace(/\p{Cc}/gu, (c) => (c === '\n' || c === '\t' ? c : '\uFFFD'));
}
