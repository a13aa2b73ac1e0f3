import { describe, expect, it } from 'vitest';
import { seededRandom } from '../scenario/support/scenario-pipeline.js';
import { nowSeconds, seriesUrl, shown } from './support/browse.js';
import { eventually, pageSuite } from './support/page-suite.js';

/** Nothing stands in for anything here: samples are posted, a model is trained, the page shows it. */

const MINUTE = 60;
const LAST = Math.floor(nowSeconds() / MINUTE) * MINUTE - 2 * MINUTE;
const STEP = LAST - 90 * MINUTE;

const suite = pageSuite(async (server) => {
  const random = seededRandom(11);
  const items = Array.from({ length: 600 }, (_, k) => {
    const timestamp = LAST - (599 - k) * MINUTE;
    const noise = random() + random() + random() - 1.5;
    return { timestamp, load: (timestamp >= STEP ? 171 : 180) + noise };
  });
  await server.post(items);
  const answer = await fetch(`${server.url}/api/models/load/train`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(answer.status).toBe(200);
});

describe('a series after a lasting shift of its level', () => {
  it('has a model that knows the step and forecasts the new level; its first one has no news to tell', async () => {
    const page = await suite.open(seriesUrl('', 'load', '&range=6h'));
    await page.waitForSelector('.steps li');
    expect(await page.locator('.steps').innerText()).toMatch(
      /^Knows the step since .*\d\d:\d\d \(−(8|9)(\.\d+)?\)$/,
    );
    await eventually(async () => (await shown(page)).ahead).toBeGreaterThan(60);
    await eventually(() => page.locator('.explanation-words').innerText()).toMatch(
      /^expected 17\d(\.\d+)?: trend 1[78]\d(\.\d+)?, .*step since .* −(8|9)/,
    );
    const model = () => page.locator('.model').innerText();
    await eventually(model).toMatch(/trained[\s\S]*10 h until[\s\S]*ARIMA\(\d, \d, \d\)/);
  });

  it('explains the anomaly with which it began', async () => {
    const page = await suite.open(seriesUrl('', 'load', `&from=${STEP - 3600}&to=${STEP + 3600}`));
    await page.waitForSelector('.anomaly-items a');
    await page.locator('.anomaly-items a').last().click();
    expect(page.url()).toContain(`at=${STEP}`);
    await eventually(() => page.locator('table.stack').innerText()).toMatch(
      /trend[\s\S]*expected[\s\S]*mean of the minute[\s\S]*this sample/,
    );
    expect(await page.locator('.explanation').innerText()).toContain('has learned this minute since');
  });

  it('stands in the list of models', async () => {
    const page = await suite.open('/?show=models');
    await page.waitForSelector('table.models tbody tr');
    expect(await page.locator('table.models tbody').innerText()).toMatch(
      /load[\s\S]*trained[\s\S]*ARIMA\(\d, \d, \d\)/,
    );
    expect(await page.locator('.queue').innerText()).toMatch(/1 in all; 0 training on at most \d+ threads?/);
  });
});
