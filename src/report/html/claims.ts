/** What the paper printed, beside what was measured here. No verdict: a ratio, and what a reader must know before comparing. */
import type { Summary } from '../../types/run.ts';
import { claimValue, type Held, heldBeside, printedValue, ratioText, ratioToPrinted } from '../sweep/claims.ts';
import { html, type Markup } from './markup.ts';

/** Null where the experiment is of no paper whose values are known, or answers none of them. */
export function claimSection(summary: Summary): Markup | null {
  const found = heldBeside(summary);
  if (found === null) return null;
  const answered = found.held.filter(({ ours }) => ours.length > 0);
  const notes = [...new Set(answered.map(({ claim }) => claim.comparable))];
  const others = found.held.filter(({ ours }) => ours.length === 0);
  return html`<p>${found.paper.citation}</p>
<div class="scroll" tabindex="0" role="region" aria-label="What the paper printed, and what was measured here"><table class="claims">
<thead><tr><th scope="col">claim</th><th scope="col">printed</th><th scope="col">ours</th><th scope="col">ours / printed</th><th scope="col">note</th></tr></thead>
<tbody>${answered.flatMap((held) => rows(held, notes.indexOf(held.claim.comparable) + 1))}</tbody></table></div>
<p>Notes, to be read before comparing:</p><ol>${notes.map((text) => html`<li>${text}.</li>`)}</ol>
${found.contradictions.length === 0 ? null : html`<p>Where the paper contradicts itself:</p><ul>${found.contradictions.map((text) => html`<li>${text}</li>`)}</ul>`}
${others.length === 0 ? null : html`<details><summary>Printed, and not measured here: ${others.length}</summary><ul>${others.map(({ claim }) => html`<li>${claim.text} (${claim.source}): ${claim.comparable}</li>`)}</ul></details>`}`;
}

function rows({ claim, ours }: Held, note: number): Markup[] {
  return ours.map(({ as, value, elsewhere }, i) => {
    const ratio = ratioToPrinted(claim, value);
    const name = html`${claim.text}<br><span class="soft">${claim.source}</span>`;
    const reading = as === null ? null : html`<br><span class="soft">${as}</span>`;
    const number = value === null ? (elsewhere ? 'of another experiment' : '–') : claimValue(value, claim.unit);
    return html`<tr${i === 0 ? html` class="first"` : null}><th scope="row" class="text wrap">${i === 0 ? name : 'the same, read otherwise'}</th><td>${i === 0 ? printedValue(claim.printed, claim.unit) : ''}</td><td>${number}${reading}</td><td>${ratioText(ratio)}</td><td>${i === 0 ? note : ''}</td></tr>`;
  });
}
