/**
 * How big an experiment file may be. A file is written by a person: the limits sit two orders of magnitude above the
 * largest sensible one and keep every step of loading, the YAML parser's quadratic corners included, under a second or two.
 */

/** bytes; refused before the file is read */
export const MAX_BYTES = 1 << 20;
/** lexical tokens; the YAML composer takes seconds on a million stray commas */
export const MAX_TOKENS = 30_000;
/** nested collections */
export const MAX_DEPTH = 24;
/** values after aliases are expanded */
export const MAX_VALUES = 20_000;
export const MAX_CELLS = 1000;
/** values times cells: what is validated in total */
export const MAX_CELL_VALUES = 300_000;
/** entries of the mappings of one cell */
export const MAX_ENTRIES = { nodes: 64, ipsec: 64, flows: 256 } as const;
/** addresses of one cell, which are compared pairwise */
export const MAX_ADDRESSES = 256;
/** problems shown at once */
export const MAX_ISSUES = 50;
