/** The page's style sheet. Blue and orange differ for every kind of colour blindness, and no meaning hangs on colour alone. */
export const STYLE = `
:root { color-scheme: light; --ink: #1b2430; --soft: #55606e; --line: #d5dae1; --blue: #1f5f99; --orange: #a34a00; --bad: #a11414; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 68rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.5rem 0 .35rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; } .soft { color: var(--soft); font-size: .9rem; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .75rem 0; font-size: .9rem; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child, td.text, th.text { text-align: left; }
tbody th { color: var(--ink); font-weight: 500; }
td.wrap { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
table.claims { width: 100%; } .claims th.wrap { white-space: normal; min-width: 13rem; } .claims td { vertical-align: top; }
.claims thead th, .claims td .soft { white-space: normal; }
@media (max-width: 34rem) { .claims th.wrap { min-width: 8rem; overflow-wrap: anywhere; } .claims th, .claims td { padding-right: .4rem; } }
figure .scroll { margin-top: .4rem; } .charts + .scroll { margin-top: 1rem; }
.throughput thead th, .cpu thead th { white-space: normal; vertical-align: bottom; }
.throughput { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: flex-start; } .throughput figcaption { flex: 1 1 100%; margin: 0; }
.throughput .scroll { flex: 0 1 29rem; min-width: 0; }
.cpu th, .cpu td { padding-right: .5rem; } th.group { padding-top: .7rem; color: var(--soft); }
.charts.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 29rem), 1fr)); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; min-width: 0; } figcaption { font-size: .88rem; margin-bottom: .25rem; overflow-wrap: anywhere; }
figure svg { max-width: 100%; height: auto; display: block; }
figure .scroll svg { max-width: none; }
tr.first > * { border-top: 1px solid #9aa4b1; }
.tag { font-size: .78rem; font-weight: 500; color: #6a2c91; border: 1px solid #b99ccb; border-radius: 3px; padding: 0 .3em; white-space: nowrap; }
.bad { color: var(--bad); } .key { display: inline-block; width: 1.6em; height: .75em; vertical-align: baseline; }
code, pre { font: .85em/1.45 ui-monospace, "DejaVu Sans Mono", monospace; background: #f3f5f8; border-radius: 3px; }
code { padding: .1em .3em; overflow-wrap: anywhere; } pre { padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--blue); } a { color: var(--blue); overflow-wrap: anywhere; }
.defs dt { font-weight: 600; margin-top: .6rem; } .defs dd { margin: 0; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; }
  .scroll { overflow: visible; } .scroll svg { max-width: 100% !important; } summary { list-style: none; } }
`;
