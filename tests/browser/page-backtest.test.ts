import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, runToEnd, startServer } from '../blackbox/support/start-server.js';
import { nowSeconds, seriesUrl, shown, visit } from './support/browse.js';
import { launchChromium } from './support/chromium.js';
import { unnamed, unreadable } from './support/legibility.js';

const eventually = <T>(look: () => Promise<T> | T) => expect.poll(look, { timeout: 30_000, interval: 60 });
/** Two days of minutes, out for ten from the 1000th and from the 2000th on. */
const COUNT = 2880;
const FIRST = Math.floor(nowSeconds() / 60) * 60 - COUNT * 60;
const OUTAGES = [1000, 2000];
let browser: Browser;
let server: RunningServer;

beforeAll(async () => {
  browser = await launchChromium();
  server = await startServer({ args: ['--sensitivity', '0.5', '--time-zone', 'Europe/Berlin'] });
  const items = Array.from({ length: COUNT }, (_, k) => ({
    timestamp: FIRST + 60 * k,
    load: OUTAGES.some((out) => k >= out && k < out + 10) ? 500 : 5 + (k % 2),
    labels: { host: 'a' },
  }));
  const headers = { 'content-type': 'application/json' };
  await fetch(`${server.url}/metrics`, { method: 'POST', headers, body: JSON.stringify(items) });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const SERIES = 'load{host="a"}';
const rows = (page: Page) =>
  page
    .locator('.backtest-choice tbody tr')
    .evaluateAll((lines) =>
      lines.map((line) =>
        [...(line as unknown as { cells: Iterable<{ textContent: string }> }).cells].map((cell) =>
          cell.textContent.trim(),
        ),
      ),
    );
const open = async (rest = '') => {
  const visited = await visit(browser, seriesUrl(server.url, SERIES, `&show=backtest${rest}`));
  await visited.page.waitForSelector('.backtest-canvas[data-samples]');
  return visited;
};

describe('the backtest of a series', () => {
  it('is reached from the chart, its scripts loaded only then, and tells what the command tells', async () => {
    const { page, problems, close } = await visit(browser, seriesUrl(server.url, SERIES));
    const scripts: string[] = [];
    page.on('request', (request) => scripts.push(new URL(request.url()).pathname));
    await page.click('text=Backtest');
    await page.waitForSelector('.backtest-canvas[data-samples]');
    expect(scripts.filter((path) => path.includes('backtest')).length).toBeGreaterThan(1);
    // The server's own sensitivity stands among the others.
    await eventually(async () => (await rows(page)).filter((cells) => cells[1] !== '…').length).toBe(10);
    const { stdout } = await runToEnd(
      `backtest --series ${SERIES} --url ${server.url} --time-zone Europe/Berlin --sensitivities 0.5 --format json`.split(
        ' ',
      ),
    );
    const [told] = JSON.parse(stdout) as { alarms: number; anomalies: number }[];
    expect((await rows(page)).find(([name]) => name?.startsWith('0.5'))).toEqual([
      '0.5 this server',
      expect.stringMatching(/^[\d.]+$/),
      String(told!.alarms),
    ]);
    expect(await shown(page, '.backtest-canvas')).toMatchObject({
      samples: COUNT,
      anomalous: told!.anomalies,
    });
    expect(told!.alarms).toBeGreaterThanOrEqual(2);
    expect(await page.locator('.backtest-words').innerText()).toContain('the sensitivity of this server');
    expect([problems, await unnamed(page), await unreadable(page)]).toEqual([[], [], []]);
    await close();
  });

  it('has its sensitivity in the address: chosen in table, curve or field, and gone back to', async () => {
    const { page, problems, close } = await open('&sensitivity=10');
    const chosen = () => page.locator('tr.is-chosen th').innerText();
    await eventually(chosen).toBe('10');
    await page.locator('.backtest-choice tbody a', { hasText: /^0\.01$/ }).click();
    await eventually(chosen).toBe('0.01');
    expect(page.url()).toContain('sensitivity=0.01');
    await page.fill('input[name=sensitivity]', '7');
    await page.click('.other-sensitivity button');
    await eventually(chosen).toBe('7');
    await eventually(() => page.locator('.sensitivity-curve circle').count()).toBe(10);
    await page.goBack();
    await eventually(chosen).toBe('0.01');
    await page.fill('input[name=sensitivity]', 'much');
    await page.click('.other-sensitivity button');
    expect(await page.locator('.other-sensitivity [role=alert]').innerText()).toContain('above 0');
    expect(problems).toEqual([]);
    await close();
  });

  it('tells only what is off far enough and the right way, as its fields and the address say', async () => {
    const { page, problems, close } = await open('&sensitivity=1');
    const alarms = async () => (await rows(page)).find(([name]) => name === '1')?.[2];
    await eventually(alarms).toBe('2');
    await page.selectOption('select[name=direction]', 'down');
    await page.click('.limit-fields button');
    await eventually(alarms).toBe('0');
    expect(page.url()).toContain('direction=down');
    await page.selectOption('select[name=direction]', 'up');
    await page.fill('input[name=least]', '400');
    await page.fill('input[name=percent]', '50');
    // What is typed stays while the page around it is drawn anew.
    await page.click('nav[aria-label="Time zone shown"] >> text="UTC"');
    await eventually(() => page.url()).toContain('zone=utc');
    await page.click('.limit-fields button');
    await eventually(alarms).toBe('2');
    expect(page.url()).toContain('least=400&least_relative=0.5');
    expect(
      await page.locator('section[aria-labelledby=alarms-title] tbody tr').first().innerText(),
    ).toContain('at most');
    await page.fill('input[name=least]', 'much');
    await page.click('.limit-fields button');
    expect(await page.locator('.limit-fields [role=alert]').innerText()).toBe('Give numbers of 0 or more.');
    expect([problems, await unnamed(page), await unreadable(page)]).toEqual([[], [], []]);
    await page.click('text=As the server');
    await eventually(() => page.inputValue('select[name=direction]')).toBe('both');
    expect(page.url()).not.toContain('least');
    await close();
  });

  it('holds the alarms against labels of a file, and keeps them in the address', async () => {
    const { page, problems, close } = await open();
    const [one, other] = OUTAGES.map((out) => FIRST + 60 * out);
    const file = (text: string) => ({ name: 'l.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.setInputFiles('input[type=file]', file('from;to\n'));
    await eventually(() => page.locator('.label-picker [role=alert]').innerText()).toContain(
      'columns from,to',
    );
    await page.setInputFiles(
      'input[type=file]',
      file(`from,to\n${one},${one! + 540}\n${other},${other! + 540}\n1000,2000\n`),
    );
    await eventually(async () => (await rows(page)).find(([name]) => name === '1')?.slice(3, 4)).toEqual([
      '2 of 2',
    ]);
    expect(page.url()).toContain('labels=');
    expect((await shown(page, '.backtest-canvas')).labels).toBe(3);
    await eventually(() => page.locator('.backtest-words').innerText()).toContain(
      '1 label without any sample here',
    );
    await page.reload();
    await eventually(async () => (await rows(page)).find(([name]) => name === '1')?.[6]).toBe('100 %');
    expect([problems, await unreadable(page)]).toEqual([[], []]);
    await close();
  });

  it('leads from an alarm to the chart around it, and says when there is nothing', async () => {
    const { page, close } = await open();
    const line = page.locator('section[aria-labelledby=alarms-title] tbody tr').first();
    await eventually(() => line.locator('td').allInnerTexts()).toEqual(
      expect.arrayContaining(['9 min', '10', 'level']),
    );
    await line.locator('a').click();
    await page.waitForSelector('.chart canvas');
    expect(page.url()).toContain(`at=${FIRST + 60 * OUTAGES[0]!}`);
    await page.goto(seriesUrl(server.url, SERIES, '&show=backtest&from=1000&to=2000'));
    await eventually(() => page.locator('.backtest-words').innerText()).toBe('No samples in this range.');
    await close();
  });
});
