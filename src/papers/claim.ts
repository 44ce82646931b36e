/**
 * What a paper printed, as data: the words, the number and where it stands, and over which metrics of which cells of an experiment here it
 * can be looked for. Whether a number agrees is not said here.
 */

/** Values of the matrix that tell a cell from the others of its experiment. */
export type CellValues = Readonly<Record<string, string | number | boolean>>;

/** The median of a metric over the valid runs of a cell, in the metric's unit (stats/metrics.ts). */
export interface Term {
  readonly metric: string;
  readonly cell: CellValues;
  /** of another experiment of the same paper; absent: of the claim's own */
  readonly experiment?: string;
}

export type Expression =
  | { readonly op: 'value'; readonly of: Term }
  /** of / to */
  | { readonly op: 'ratio'; readonly of: Term; readonly to: Term }
  /** of / to - 1 */
  | { readonly op: 'change'; readonly of: Term; readonly to: Term }
  /** least and greatest of several */
  | { readonly op: 'range'; readonly of: readonly Expression[] }
  | { readonly op: 'mean'; readonly of: readonly Expression[] }
  | { readonly op: 'least'; readonly of: readonly Expression[] }
  | { readonly op: 'greatest'; readonly of: readonly Expression[] }
  /** of each pair the first is at least as great as the second; the value is the share of pairs that are so */
  | { readonly op: 'ordering'; readonly pairs: readonly (readonly [Term, Term])[] };

/** What the printed words can mean. */
export interface Reading {
  /** where there are several: what this one takes them for */
  readonly as?: string;
  readonly expression: Expression;
}

/** In SI units: bit/s, s, segments; of ratios and changes 1. `from` without `to`: at least. */
export type Printed = { readonly value: number } | { readonly from: number; readonly to?: number };

export interface Claim {
  /** unique in its paper */
  readonly id: string;
  /** what it says, in short */
  readonly text: string;
  /** figure, table, section */
  readonly source: string;
  readonly kind: 'value' | 'ratio' | 'ordering' | 'band';
  readonly printed: Printed;
  /** of the printed value; `1`: of a ratio; `%`: of a change, whose value is a fraction */
  readonly unit: 'bit/s' | 's/packet' | 'segments' | '1' | '%';
  /** how the paper measured it */
  readonly conditions: string;
  /** name of the experiment (topologies/<paper>/<name>.yaml) that measures it */
  readonly experiment: string;
  /** several where the text admits them, and none is preferred; none where nothing here corresponds to it, and `comparable` says why */
  readonly readings: readonly Reading[];
  /** what a reader must know before comparing */
  readonly comparable: string;
}

export interface Paper {
  /** as `paper:` in an experiment's file names it */
  readonly id: string;
  readonly title: string;
  readonly citation: string;
  readonly claims: readonly Claim[];
  /** where it says two things that cannot both be */
  readonly contradictions: readonly { readonly claims: readonly string[]; readonly text: string }[];
}
