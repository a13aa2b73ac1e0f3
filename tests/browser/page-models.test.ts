import type { ModelInfo } from '@seismo/server/ports/model-store';
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryModels, trainedModel } from '../blackbox/support/memory-models.js';
import { nowSeconds, seriesUrl, shown, visit } from './support/browse.js';
import { unnamed, unreadable } from './support/legibility.js';
import { startPageServer } from './support/page-server.js';
import { eventually, pageSuite } from './support/page-suite.js';

/** An hour and a half of samples, a quarter of a minute apart, with one that is far off. */
const SPACING = 15;
const COUNT = 360;
const WILD = nowSeconds() - 1800;

const WAITING = 'It has 45 of the 120 minutes with data that a model needs.';
const FAILED = 'All values of the series are missing.';
const given: ModelInfo[] = [];
const models = memoryModels(given);

beforeEach(() => {
  given.splice(
    0,
    given.length,
    trainedModel('known', Date.now()),
    trainedModel('broken', Date.now(), { state: 'failed', error: FAILED }),
    { name: 'young', series: 'young', state: 'waiting', error: WAITING, options: {} },
  );
});

const suite = pageSuite(
  async (server) => {
    const first = WILD - (COUNT - 120) * SPACING;
    const items = Array.from({ length: COUNT - 2 }, (_, k) => {
      const timestamp = first + k * SPACING;
      const value = timestamp === WILD ? 900 : 212 + 5 * Math.sin(k / 7) + (k % 3);
      return { timestamp, known: value, young: 5 + (k % 2), broken: value, bare: value };
    });
    await server.post(items);
  },
  { models },
);
const { open } = suite;
const CHART = '.chart canvas[data-samples]:not([data-samples="0"])';
const openSeries = (series: string, rest = '') => open(seriesUrl('', series, rest));

describe('the forecast of a series', () => {
  it('goes on from the present on the large chart, told in its legend and to whoever listens', async () => {
    const page = await openSeries('known', '&range=1h');
    await page.waitForSelector(CHART);
    await eventually(async () => (await shown(page)).ahead).toBeGreaterThan(15);
    const { from, to } = await shown(page);
    expect(to! - nowSeconds()).toBeGreaterThan(900);
    expect(nowSeconds() - from!).toBeGreaterThan(3400);
    expect(await page.locator('.legend').innerText()).toContain('forecast');
    await eventually(() => page.locator('.chart').getAttribute('aria-label')).toMatch(
      /known: \d+ samples, 1 anomalous, 0 gaps, \d+ minutes of forecast/,
    );
  });

  it('is switched off and on by links, and stays off where one reads the past', async () => {
    const page = await openSeries('known', '&range=1h');
    await eventually(async () => (await shown(page)).ahead).toBeGreaterThan(15);
    await page.click('nav[aria-label=Forecast] >> text=Off');
    expect(page.url()).toContain('forecast=off');
    await eventually(async () => (await shown(page)).ahead).toBe(0);
    expect((await shown(page)).to! - nowSeconds()).toBeLessThan(120);
    expect(await page.locator('.legend').innerText()).not.toContain('forecast');
    await page.goBack();
    await eventually(async () => (await shown(page)).ahead).toBeGreaterThan(15);
    const past = await openSeries('known', `&from=${WILD - 600}&to=${WILD + 600}`);
    await past.waitForSelector(CHART);
    expect((await shown(past)).ahead).toBe(0);
  });

  it('is read minute by minute, by pointer and by keyboard', async () => {
    const page = await openSeries('known', '&range=1h');
    await eventually(async () => (await shown(page)).ahead).toBeGreaterThan(15);
    const box = (await page.locator('.chart canvas').boundingBox())!;
    await page.mouse.move(box.x + box.width - 30, box.y + 100);
    const readout = () => page.locator('.readout').innerText();
    await eventually(readout).toMatch(/forecast[\s\S]*in 1\d min[\s\S]*expected[\s\S]*95 of 100 lie in/);
    await page.mouse.move(box.x + 300, box.y + 100);
    await eventually(readout).toContain('pointed at');
    await page.mouse.move(5, 5);
    await page.focus('.chart');
    await page.keyboard.press('Shift+ArrowLeft');
    await eventually(readout).toContain('pointed at');
    await page.keyboard.press('Shift+ArrowRight');
    await eventually(readout).toMatch(/^forecast/i);
    expect(await page.locator('.readout').getAttribute('aria-live')).toBe('polite');
    const first = await readout();
    await page.keyboard.press('Shift+ArrowRight');
    await eventually(readout).not.toBe(first);
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Shift+ArrowLeft');
    await eventually(readout).toContain('pointed at');
  });

  it('reads as a table of the same minutes', async () => {
    const page = await openSeries('known', '&range=1h&view=table');
    await page.waitForSelector('table[data-ahead]');
    const count = () => page.locator('table[data-ahead] tbody tr').count();
    await eventually(count).toBeGreaterThan(15);
    const rows = await count();
    expect(await page.locator('table[data-ahead] caption').innerText()).toContain(`${rows} minutes ahead`);
    expect(await page.locator('table[data-ahead] tbody tr').first().innerText()).toMatch(
      /\d+(\.\d+)? to \d+/,
    );
  });
});

describe('an anomaly', () => {
  it('is explained in words of the viewer’s clock, and in parts that stand on each other', async () => {
    const page = await openSeries('known', `&from=${WILD - 600}&to=${WILD + 600}&at=${WILD}`);
    const words = () => page.locator('.explanation-words').innerText();
    const local = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      weekday: 'long',
      hour: '2-digit',
      minute: '2-digit',
    }).formatToParts(WILD * 1000);
    const of = (type: string) => local.find((part) => part.type === type)?.value;
    const time = `${of('weekday')} ${of('hour')}:${of('minute')}`;
    await eventually(words).toBe(`expected 212: trend 180, ${time} +41, step −9`);
    const rows = async () => {
      const texts = await page.locator('table.stack tr').allInnerTexts();
      return texts.map((text) => text.replace(/\s+/g, ' ').trim());
    };
    // The sample itself comes with the chart's data.
    await eventually(rows).toEqual([
      'trend 180',
      'daily +35',
      'weekly +6',
      'steps −9',
      'expected 212',
      'spike +4',
      'rest +1',
      'mean of the minute 217',
      'this sample 900',
    ]);
    await page.click('nav[aria-label="Time zone shown"] >> text="UTC"');
    const utc = new Date(WILD * 1000).toISOString().slice(11, 16);
    await eventually(words).toContain(` ${utc} +41`);
  });

  it('that the keyboard moves to is explained too', async () => {
    const page = await openSeries('known', `&from=${WILD - 600}&to=${WILD + 600}`);
    await page.waitForSelector(CHART);
    await eventually(() => page.locator('.explanation').innerText()).toMatch(/Why\s+now/);
    await page.focus('.chart');
    await page.keyboard.press('n');
    await eventually(() => page.locator('table.stack').innerText()).toContain('this sample');
    expect(await page.locator('.explanation-words').getAttribute('aria-live')).toBe('polite');
  });

  it('that a model found in a whole minute is told from samples, and one taken back from one that stands', async () => {
    const minute = Math.floor(WILD / 60) * 60;
    const found = {
      series: 'known',
      name: 'known',
      labels: {},
      value: 300,
      expected: 212,
      lower_bound: 190,
      upper_bound: 230,
      anomaly_probability: 1,
      is_anomaly: true,
      alarm: true,
      detector: 'arima_plus',
      review: null,
    };
    const at = (time: number) => ({ timestamp: time, time: new Date(time * 1000).toISOString() });
    const page = await open();
    await page.route('**/get_anomalies*', (route) =>
      route.fulfill({
        json: {
          anomalies: [
            { ...found, ...at(minute) },
            { ...found, ...at(minute - 300), value: 250, is_anomaly: false, review: 'withdrawn' },
          ],
          next_cursor: null,
        },
      }),
    );
    await page.goto(page.url());
    await eventually(() => page.locator('.anomaly-items li').allInnerTexts()).toHaveLength(2);
    const [stands, withdrawn] = await page.locator('.anomaly-items li').allInnerTexts();
    expect(stands).toMatch(/300 in the mean of a minute, above 212 expected/);
    expect(withdrawn).toContain('withdrawn');
    await page.locator('.anomaly-items a').first().click();
    await eventually(() => page.locator('.readout').innerText()).toMatch(
      /linked minute[\s\S]*mean[\s\S]*300[\s\S]*190 to 230[\s\S]*alarm/,
    );
    await eventually(() => page.locator('table.stack').innerText()).toContain('mean of the minute');
  });

  it('outside of what the model knows is said to be so', async () => {
    const page = await openSeries('known', `&from=1000000&to=1000600&at=1000300`);
    await page.waitForSelector('text=The model does not know this minute');
  });
});

describe('the model of a series', () => {
  it('says what it is, how old, how far off, and when it is trained again', async () => {
    const page = await openSeries('known');
    const panel = () => page.locator('.model').innerText();
    await eventually(panel).toMatch(/trained[\s\S]*(9|1\d) min ago in 0\.4 s/);
    await eventually(panel).toContain('3.25 on average (1.5 %)');
    const text = await panel();
    expect(text).toContain('ARIMA(1, 1, 2) with drift');
    expect(text).toContain('daily, weekly');
    expect(text).toMatch(/7 days until/);
    expect(text).toMatch(/in 5\d min/);
  });

  it('says how much history there is and is needed before there is one', async () => {
    const page = await openSeries('young');
    await page.waitForSelector('.model >> text=no model yet');
    expect(await page.locator('.model').innerText()).toContain(WAITING);
    expect(await page.locator('.explanation, nav[aria-label=Forecast]').count()).toBe(0);
    const bare = await openSeries('bare');
    await bare.waitForSelector('.model >> text=No model yet');
  });

  it('says why its training failed, when it is tried again, and that the old one is still used', async () => {
    const page = await openSeries('broken');
    await page.waitForSelector('.model >> text=failed');
    const text = await page.locator('.model').innerText();
    expect(text).toContain(FAILED);
    expect(text).toMatch(/Tried again in 5\d min/);
    expect(text).toContain('What it learned before is still used');
  });

  it('says while it trains, and once it has, the step that it knows by now', async () => {
    given[0] = trainedModel('known', Date.now(), { state: 'training' });
    const page = await openSeries('known');
    await page.waitForSelector('.model >> text=training again');
    const timeMs = (WILD - 60) * 1000;
    given[0] = trainedModel('known', Date.now(), { stepChanges: [{ timeMs, size: -9 }] });
    await page.waitForSelector('.steps li');
    // Samples that were anomalous are no minutes, and a first model has learned nothing anew.
    expect(await page.locator('.steps').innerText()).toMatch(/Knows the step since .*\d\d:\d\d \(−9\)$/);
  });
});

it('what is known of models turns grey when the server goes away, and is said to be old', async () => {
  const server = await startPageServer({}, { models });
  await server.post({ timestamp: nowSeconds(), known: 212 });
  const { page, close } = await visit(suite.browser, seriesUrl(server.url, 'known', '&range=1h'));
  await page.waitForSelector('.model >> text=trained');
  await page.waitForSelector('.connection.is-live');
  const filter = () => page.evaluate(`getComputedStyle(document.querySelector('.model')).filter`);
  expect(await filter()).toBe('none');
  await server.stop();
  await page.waitForSelector('.banner');
  expect(await filter()).toBe('grayscale(1)');
  await page.waitForSelector('.model >> text=Not up to date');
  expect(await page.locator('.model').innerText()).toContain('ARIMA(1, 1, 2)');
  await server.start();
  await page.waitForSelector('.connection.is-live');
  await eventually(() => page.locator('.model >> text=Not up to date').count()).toBe(0);
  await close();
  await server.remove();
});

describe('the list of models', () => {
  it('has every model, those that need something first, and the queue', async () => {
    const page = await open();
    await page.click('nav[aria-label="What is shown"] >> text=Models');
    expect(page.url()).toContain('show=models');
    await page.waitForSelector('table.models');
    expect(await page.title()).toBe('Models · Seismo');
    expect(await page.locator('tbody th').allInnerTexts()).toEqual(['broken', 'young', 'known']);
    const rows = await page.locator('tbody tr').allInnerTexts();
    expect(rows[0]).toContain(FAILED);
    expect(rows[1]).toContain(WAITING);
    expect(rows[2]).toMatch(/trained[\s\S]*ARIMA\(1, 1, 2\) with drift\s+daily, weekly\s+0\s+7 days/);
    expect(await page.locator('.queue').innerText()).toBe(
      '3 in all; 0 training on at most 3 threads, 1 waiting; all take 13 s',
    );
    await page.fill('input[type=search]', 'kno');
    await eventually(() => page.locator('tbody tr').count()).toBe(1);
    await page.click('tbody a');
    await page.waitForSelector('h1:has-text("known")');
    expect(page.url()).not.toContain('show=models');
    await page.goBack();
    await page.waitForSelector('table.models');
  });

  it('fits a small screen in both themes, readable and named, and so does a series with a model', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const path of ['/?show=models', seriesUrl('', 'known', '&range=1h')]) {
        const page = await open(path, { viewport: { width: 390, height: 844 }, colorScheme });
        await page.waitForSelector('table.models, .explanation-words');
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
        expect(await unreadable(page)).toEqual([]);
        expect(await unnamed(page)).toEqual([]);
      }
    }
  });
});
