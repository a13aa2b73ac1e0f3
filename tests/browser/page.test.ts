import { describe, expect, it } from 'vitest';
import { calm, nowSeconds, seriesUrl, shown } from './support/browse.js';
import { eventually, pageSuite } from './support/page-suite.js';

/** Alarm of `wild`, set off before the tests. */
let alarmTime = 0;

/** Four minutes of calm with an alarm 20 s ago. */
function spiked(name: string): Record<string, number>[] {
  const items = calm(name, 240, 2);
  for (const item of items) if (item.timestamp === nowSeconds() - 20) item[name] = 900;
  return items;
}

const suite = pageSuite(async (server) => {
  const wild = spiked('wild');
  alarmTime = wild.find((item) => item.wild === 900)?.timestamp ?? 0;
  const holey = calm('holey', 120, 100).concat(calm('holey', 60, 2));
  await server.post(wild);
  await server.post(holey);
  await server.post(calm('steady', 200, 2));
  // Two minutes apart: it counts as learning for ten minutes, however long the tests before take.
  await server.post(calm('young', 41, 2, 120));
});
const { open } = suite;

const CHART = '.chart canvas[data-samples]:not([data-samples="0"])';
const openSeries = (series: string, rest = '') => open(seriesUrl('', series, rest));
const tile = (series: string) => `.tile:has(a[href*="series=${series}&"], a[href$="series=${series}"])`;

describe('the overview', () => {
  it('shows every series as a chart with its band, and counts the states', async () => {
    const page = await open();
    await page.waitForSelector(tile('steady'));
    expect(await page.locator('.tile').count()).toBe(4);
    await eventually(async () => (await shown(page, `${tile('steady')} canvas`)).samples).toBe(200);
    expect((await shown(page, `${tile('steady')} canvas`)).band).toBeGreaterThan(100);
    await eventually(
      async () => (await shown(page, `${tile('wild')} canvas`))?.anomalous,
    ).toBeGreaterThanOrEqual(1);
    expect(await page.locator('.summary').innerText()).toMatch(/1\s*learning/);
  });

  it('says how far a young series has come, with its data', async () => {
    const page = await open();
    await eventually(() => page.locator(tile('young')).innerText()).toMatch(/learning: 4[01] of 60 samples/);
    await eventually(async () => (await shown(page, `${tile('young')} canvas`)).samples).toBe(41);
  });

  it('finds by name, keeps it in the address, and reads as a table', async () => {
    const page = await open();
    await page.fill('input[type=search]', 'hol');
    await eventually(() => page.locator('.tile').count()).toBe(1);
    expect(page.url()).toContain('q=hol');
    await page.click('text=Table');
    await eventually(() => page.locator('table.data tbody tr').count()).toBe(1);
    expect(await page.locator('table.data tbody tr').innerText()).toContain('holey');
    await page.reload();
    await eventually(() => page.locator('table.data tbody tr').count()).toBe(1);
    await page.goBack();
    await page.waitForSelector('.tile');
  });

  it('shows a posted sample at once, and a new series without reloading', async () => {
    const page = await open();
    await page.waitForSelector(tile('steady'));
    await page.waitForSelector('.connection.is-live');
    await suite.server.post({ timestamp: nowSeconds(), steady: 104.25, newcomer: 7 });
    await eventually(() => page.locator(tile('steady')).innerText()).toContain('104.3');
    await page.waitForSelector(tile('newcomer'));
  });

  it('keeps its order while the pointer rests on it', async () => {
    const page = await open();
    const order = () => page.locator('.tile .metric').allInnerTexts();
    await page.waitForSelector(tile('steady'));
    await page.hover(tile('steady'));
    const before = await order();
    await suite.server.post(calm('aaa', 3));
    await page.waitForSelector(tile('aaa'));
    expect((await order()).slice(0, before.length)).toEqual(before);
    expect((await order()).at(-1)).toBe('aaa');
    await page.mouse.move(0, 0);
    await eventually(async () => (await order()).at(-1)).not.toBe('aaa');
  });
});

describe('the latest anomalies', () => {
  it('lead to the chart at their time, and back', async () => {
    const page = await open();
    const link = page.locator('.anomaly-items a', { hasText: 'wild' }).first();
    expect(await link.innerText()).toMatch(/900 above 10\d(\.\d+)? expected/);
    expect(await link.locator('time').getAttribute('datetime')).toBe(
      new Date(alarmTime * 1000).toISOString(),
    );
    await link.click();
    expect(page.url()).toContain(`at=${alarmTime}`);
    await page.waitForSelector(CHART);
    const chart = await shown(page);
    expect(chart.from).toBeLessThan(alarmTime);
    expect(chart.to).toBeGreaterThan(alarmTime);
    await eventually(() => page.locator('.readout').innerText()).toMatch(/900[\s\S]*alarm/);
    await page.goBack();
    await page.waitForSelector('.tile');
    await page.goForward();
    await page.waitForSelector(CHART);
  });

  it('that were judged just before one came appear soon', async () => {
    const page = await open();
    await page.waitForSelector('.anomaly-items a');
    await page.clock.install();
    const before = { json: { anomalies: [], next_cursor: null } };
    await page.route(/get_anomalies\?limit=40&/, (route) => route.fulfill(before), { times: 1 });
    await page.reload();
    await page.waitForSelector('text=No alarm so far');
    await page.clock.runFor(2000);
    await page.waitForSelector('.anomaly-items a');
  });

  it('appear while one watches, are announced, and count in the title', async () => {
    const page = await open('/?anomalies=all');
    await page.waitForSelector('.connection.is-live');
    await page.waitForSelector(tile('steady'));
    await suite.server.post({ timestamp: nowSeconds(), steady: 5000 });
    await page.waitForSelector('.anomaly-items a:has-text("5,000")');
    expect(await page.title()).toBe('(1) Seismo');
    await eventually(() => page.locator('[aria-live=polite][role=log]').innerText()).toContain(
      'steady is 5,000',
    );
    await eventually(async () => (await page.locator('.tile .metric').allInnerTexts())[0]).toBe('steady');
    const link = page.locator('.anomaly-items a').first();
    await link.click({ modifiers: ['Control'] });
    expect(page.url()).toBe(`${suite.server.url}/?anomalies=all`);
    const other = await page.context().newPage();
    await other.goto(suite.server.url + (await link.getAttribute('href')));
    await other.waitForSelector(CHART);
    await suite.server.post({ timestamp: nowSeconds() + 1, steady: 101 });
  });
});

describe('one series large', () => {
  it('draws a gap as a gap', async () => {
    const page = await openSeries('holey', '&range=1h');
    await page.waitForSelector('.chart canvas[data-samples="180"]');
    expect((await shown(page)).gaps).toBe(1);
    await eventually(() => page.locator('.chart').getAttribute('aria-label')).toMatch(
      /180 samples, 0 anomalous, 1 gap/,
    );
  });

  it('moves its axis by the clock, without samples', async () => {
    await suite.server.post(calm('ended', 41, 2));
    const page = await openSeries('ended', '&range=5m');
    await page.waitForSelector(CHART);
    const before = await shown(page);
    await eventually(async () => (await shown(page)).to! - before.to!).toBeGreaterThan(1);
    expect((await shown(page)).samples).toBe(before.samples);
  });

  it('zooms by a drag that arriving samples do not disturb, and goes back', async () => {
    await suite.server.post(calm('arriving', 100, 2));
    const page = await openSeries('arriving', '&range=5m');
    await page.waitForSelector(CHART);
    const box = (await page.locator('.chart canvas').boundingBox())!;
    await page.mouse.move(box.x + 300, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 120);
    const held = await shown(page);
    for (let k = 2; k < 5; k++) await suite.server.post({ timestamp: nowSeconds() + k, arriving: 100 + k });
    await page.mouse.move(box.x + 500, box.y + 120);
    await eventually(async () => (await shown(page)).samples).toBeGreaterThan(0);
    expect([(await shown(page)).from, (await shown(page)).to]).toEqual([held.from, held.to]);
    await page.mouse.up();
    await eventually(() => page.url()).toMatch(/from=\d+.*&to=\d+/);
    await eventually(async () => (await shown(page)).to! - (await shown(page)).from!).toBeLessThan(90);
    const zoomed = page.url();
    await page.locator('.chart canvas').dblclick();
    await eventually(() => page.url()).toContain('range=5m');
    await page.goForward();
    await eventually(() => page.url()).toBe(zoomed);
  });

  it('pans with shift and drag by as much as was dragged', async () => {
    const page = await openSeries('wild', `&from=${alarmTime - 100}&to=${alarmTime + 100}`);
    await page.waitForSelector(CHART);
    const box = (await page.locator('.chart canvas').boundingBox())!;
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + 300, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 100, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await eventually(async () => (await shown(page)).from!).toBeLessThan(alarmTime - 110);
    const { from, to } = await shown(page);
    expect(to! - from!).toBeCloseTo(200, 0);
    expect(page.url()).toContain('from=');
  });

  it('reads out what the pointer is at, and pauses meanwhile', async () => {
    await suite.server.post(calm('read', 240, 2));
    const page = await openSeries('read', '&range=5m');
    await page.waitForSelector(CHART);
    const box = (await page.locator('.chart canvas').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 80);
    await page.waitForSelector('text=paused while you read');
    const text = await page.locator('.readout').innerText();
    expect(text).toMatch(
      /pointed at[\s\S]*UTC[\s\S]*value[\s\S]*expected[\s\S]*band[\s\S]*probability[\s\S]*state/,
    );
    const { to } = await shown(page);
    await suite.server.post({ timestamp: nowSeconds(), read: 101 });
    await page.mouse.move(box.x + box.width / 2 + 30, box.y + 80);
    expect((await shown(page)).to).toBe(to);
    await page.mouse.move(5, 5);
    await eventually(async () => (await shown(page)).to).toBeGreaterThan(to!);
  });

  it('reads as a table with the same samples', async () => {
    const page = await openSeries('wild', `&from=${alarmTime - 9.5}&to=${alarmTime + 10.5}&view=table`);
    await page.waitForSelector('table[data-samples="20"]');
    const row = page.locator('tbody tr', { hasText: '900' });
    expect(await row.innerText()).toContain('alarm');
    expect(await page.locator('tbody tr').count()).toBe(20);
    await page.click('nav >> text=Chart');
    await page.waitForSelector('.chart canvas[data-samples="20"]');
  });

  it('shows an own range from the form, and says so when it makes no sense', async () => {
    const page = await openSeries('wild', '&zone=utc');
    await page.click('text=From – to');
    await page.fill('input[name=from]', '2026-01-01T10:00:00');
    await page.fill('input[name=to]', '2026-01-01T09:00:00');
    await page.click('.own-range button');
    expect(await page.locator('.own-range [role=alert]').innerText()).toContain('must be later');
    await page.fill('input[name=to]', '2026-01-01T11:00:00');
    await page.click('.own-range button');
    await eventually(() => page.url()).toContain('from=1767261600&to=1767265200');
    await page.waitForSelector('text=No samples in this range');
  });

  it('that nobody ever sent is told from one without data', async () => {
    const page = await openSeries('nonsense');
    await page.waitForSelector('text=No series of this name');
  });
});

describe('by keyboard alone', () => {
  it('one finds a series, reads it sample by sample, moves and zooms', async () => {
    await suite.server.post(spiked('wanted'));
    const page = await open('/?q=wanted');
    await page.waitForSelector(tile('wanted'));
    const focused = () => page.evaluate('document.activeElement.closest(".tile") !== null');
    for (let k = 0; k < 15 && !(await focused()); k++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector(CHART);
    await page.focus('.chart');
    await page.keyboard.press('p');
    await eventually(() => page.locator('.readout').innerText()).toMatch(/900[\s\S]*alarm/);
    expect(await page.locator('.readout').getAttribute('aria-live')).toBe('polite');
    await page.keyboard.press('Shift+ArrowLeft');
    await eventually(() => page.locator('.readout').innerText()).not.toContain('900');
    const live = await shown(page);
    await page.keyboard.press('ArrowLeft');
    await eventually(() => page.url()).toContain('from=');
    await eventually(async () => (await shown(page)).to).toBeLessThan(live.to!);
    await page.keyboard.press('+');
    await eventually(async () => (await shown(page)).to! - (await shown(page)).from!).toBeLessThan(160);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await eventually(() => page.url()).not.toContain('from=');
  });

  it('one zooms in on what is read out', async () => {
    await suite.server.post(spiked('looked_at'));
    const page = await openSeries('looked_at');
    await page.waitForSelector(CHART);
    await page.focus('.chart');
    await page.keyboard.press('p');
    await eventually(() => page.locator('.readout').innerText()).toMatch(/900[\s\S]*alarm/);
    const read = (await page.locator('.readout time').first().getAttribute('datetime')) ?? '';
    await page.keyboard.press('+');
    await eventually(async () => (await shown(page)).to! - (await shown(page)).from!).toBeLessThan(160);
    const { from, to } = await shown(page);
    expect(from).toBeLessThan(Date.parse(read) / 1000);
    expect(to).toBeGreaterThan(Date.parse(read) / 1000);
  });
});
