/** Policies and SAs in a run's `log/xfrm-<node>.txt`, as far as tests ask for them. */

export interface XfrmPolicy {
  /** selectors, CIDR */
  src: string;
  dst: string;
  dir: string;
  action: string;
  /** outer addresses `src > dst`; null: the policy protects nothing */
  template: string | null;
}

export interface XfrmState {
  /** outer addresses, `src > dst` */
  outer: string;
  spi: number;
  /** `src > dst`, CIDR; null: none, as in tunnel mode */
  selector: string | null;
  /** highest sequence number sent, received */
  oseq: number;
  seq: number;
}

const entries = (text: string): string[] => text.split(/^(?=src )/m).filter((entry) => entry.startsWith('src '));

/** Both tables of one file. */
export function parseXfrm(text: string): { policies: XfrmPolicy[]; states: XfrmState[] } {
  const [policyText = '', stateText = ''] = text.split(/^# ip -s xfrm state.*\n/m);
  const policies = entries(policyText).map((entry): XfrmPolicy => {
    const [, src = '', dst = ''] = /^src (\S+) dst (\S+)/.exec(entry) ?? [];
    const [, dir = '', action = ''] = /^\s+dir (\S+) action (\S+)/m.exec(entry) ?? [];
    const template = /^\s+tmpl src (\S+) dst (\S+)/m.exec(entry);
    return { src, dst, dir, action, template: template && `${template[1]} > ${template[2]}` };
  });
  const states = entries(stateText).map((entry): XfrmState => {
    const [, src, dst] = /^src (\S+) dst (\S+)/.exec(entry) ?? [];
    const selector = /^\s+sel src (\S+) dst (\S+)/m.exec(entry);
    const [, seq, oseq] = /anti-replay context: seq 0x([0-9a-f]+), oseq 0x([0-9a-f]+)/.exec(entry) ?? [];
    return {
      outer: `${src} > ${dst}`,
      spi: Number.parseInt(/proto esp spi 0x([0-9a-f]+)/.exec(entry)?.[1] ?? '', 16),
      selector: selector && `${selector[1]} > ${selector[2]}`,
      ...{ oseq: Number.parseInt(oseq ?? '', 16), seq: Number.parseInt(seq ?? '', 16) },
    };
  });
  return { policies, states };
}
