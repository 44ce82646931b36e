/** The page in a real browser: it draws, it complains about nothing, it fits a phone and a desk. */
import { accessSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../src/report/index.ts';
import { experiment } from './build.ts';
import { fig14, fig15, fig17, tables } from './mml.ts';
import { protectedExperiment } from './protection.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

const NAMELESS = `[...document.querySelectorAll('[role=img], [role=region]')]
  .filter((element) => !(element.getAttribute('aria-label') || element.querySelector(':scope > title')?.textContent)).length`;

const present = isThere(executablePath);

it.runIf(process.env.CI !== undefined)('CI has a browser', () => {
  expect(present, `no browser at ${executablePath}: install chromium or set CHROMIUM`).toBe(true);
});

describe.skipIf(!present)(`report.html in ${executablePath} (skipped where there is none; CHROMIUM names another)`, () => {
  const input = experiment();
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'roamlab-report-'));
    await writeFile(join(folder, 'report.html'), await renderHtml(input));
    url = pathToFileURL(join(folder, 'report.html')).href;
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it.each([390, 1440])('draws everything at %i px, without complaint or overflow', async (width) => {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const complaints: string[] = [];
    page.on(
      'console',
      (message) => void (message.type() === 'error' || message.type() === 'warning' ? complaints.push(message.text()) : 0),
    );
    page.on('pageerror', (error) => void complaints.push(error.message));
    page.on(
      'request',
      (request) => void (request.url() === url || request.url().startsWith('data:') ? 0 : complaints.push(`asked for ${request.url()}`)),
    );
    await page.goto(url);

    const metrics = new Set(input.summary.cells.flatMap((cell) => cell.metrics.map(({ metric }) => metric)));
    const cells = input.summary.cells.length;
    expect(await page.locator('.chart svg').count()).toBe(metrics.size);
    expect(await page.locator('.chart svg .box_marks > path, .chart svg .box_marks path').count()).toBe(metrics.size * cells);
    expect(await page.locator('svg.ladder').count()).toBe(cells);
    // per ladder: probe, UPDATE, their answers, and the last and first packet of two flows
    expect(await page.locator('svg.ladder').first().locator('.arrow').count()).toBe(8);
    expect(await page.locator('svg.ladder').first().locator('.outage').count()).toBe(2);
    expect(await page.locator('svg.ladder').first().locator('.entry.event').count()).toBe(1);
    expect(await page.locator('#invalid + p + div tbody tr').count()).toBe(2);

    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow).toBe(0);
    if (process.env.ROAMLAB_SCREENSHOTS !== undefined) {
      await page.screenshot({ path: join(process.env.ROAMLAB_SCREENSHOTS, `report-${width}.png`), fullPage: true });
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([390, 1440])('fits throughput and what protection costs into %i px', async (width) => {
    const file = join(folder, 'protection.html');
    await writeFile(file, await renderHtml(protectedExperiment(6)));
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    await page.goto(pathToFileURL(file).href);
    // two flows and two hosts, each for two access networks
    expect(await page.locator('.throughput svg').count()).toBe(4);
    expect(await page.locator('.cpu figure svg').count()).toBe(4);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(await page.evaluate(NAMELESS)).toBe(0);
    await page.close();
  });

  it.each([390, 1440])(
    'fits sweeps, windows and what the paper printed into %i px',
    async (width) => {
      for (const [make, figures] of [
        [fig14, '.sweep svg'],
        [fig15, '.series svg'],
        [fig17, '.sweep svg'],
        [tables, '.claims'],
      ] as const) {
        const file = join(folder, 'mml.html');
        await writeFile(file, await renderHtml(make()));
        const page = await browser.newPage({ viewport: { width, height: 900 } });
        await page.goto(pathToFileURL(file).href);
        expect(await page.locator(figures).count()).toBeGreaterThan(0);
        expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
        expect(await page.evaluate(NAMELESS)).toBe(0);
        await page.close();
      }
    },
    60_000,
  );

  it('has a name for every graphic and every scrolling region', async () => {
    const page = await browser.newPage();
    await page.goto(url);
    expect(await page.evaluate(NAMELESS)).toBe(0);
    await page.close();
  });

  it('prints', async () => {
    const page = await browser.newPage();
    await page.goto(url);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });
});
