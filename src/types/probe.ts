/** The outcome of proving one kernel feature by using it. */
export interface ProbeResult {
  name: string;
  ok: boolean;
  /** CONFIG symbol or package */
  symbol: string;
  /** what was seen */
  detail: string;
  /** what roamlab does where it is missing */
  otherwise: string;
}
