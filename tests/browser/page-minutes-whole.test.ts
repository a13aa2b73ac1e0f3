import type { ExplainBody, ModelsBody } from '@seismo/server/serve/model-schemas';
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../scenario/support/scenario-pipeline.js';
import { seriesUrl, shown } from './support/browse.js';
import { unnamed, unreadable } from './support/legibility.js';
import type { PageServer } from './support/page-server.js';
import { eventually, pageSuite } from './support/page-suite.js';

/** A whole server whose clock is moved from minute to minute, and the page beside it that is never loaded anew. */

const MINUTE = 60;
let aheadMs = 0;
const clock = { nowMs: () => Date.now() + aheadMs };
const random = seededRandom(11);
const noise = () => random() + random() + random() - 1.5;
/** The first minute that is not closed yet: of it a sample can be sent and is not judged before the clock moves. */
const openMinute = () => Math.floor((clock.nowMs() / 1000 - 30) / MINUTE) * MINUTE;

const suite = pageSuite(
  async (server) => {
    const first = openMinute() - 300 * MINUTE;
    const items = Array.from({ length: 300 }, (_, k) => ({
      timestamp: first + k * MINUTE + 10,
      load: 180 + noise(),
    }));
    await server.post(items);
    await train(server);
    // From its first round on the server judges what closes.
    await vi.waitFor(
      async () => {
        await pass(server, [180]);
        expect(await lastMinute(server)).not.toBeNull();
      },
      { timeout: 120_000, interval: 1000 },
    );
  },
  {},
  clock,
);

/** These means, minute by minute, each closed by the end. */
async function pass(server: PageServer, values: readonly number[]): Promise<void> {
  for (const value of values) {
    await server.post([{ timestamp: openMinute() + 10, load: value + noise() }]);
    aheadMs += MINUTE * 1000;
  }
}

async function train({ url }: PageServer): Promise<void> {
  const answer = await fetch(`${url}/api/models/load/train`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(answer.status).toBe(200);
}

async function lastMinute({ url }: PageServer): Promise<number | null> {
  const { models } = (await (await fetch(`${url}/api/models`)).json()) as ModelsBody;
  return models[0]?.last_minute?.time ?? null;
}

const judgedUntil = (time: number) => eventually(() => lastMinute(suite.server)).toBeGreaterThanOrEqual(time);
const readout = (page: Page) => page.locator('.readout').innerText();
const words = (page: Page) => page.locator('.explanation-words').innerText();
const wellMade = async (page: Page) => {
  expect(await unreadable(page)).toEqual([]);
  expect(await unnamed(page)).toEqual([]);
};

describe('minutes that a model finds', () => {
  let step = 0;

  it('come to a page that is open: as signs of their own, in the list, in what is counted and said', async () => {
    const page = await suite.open(seriesUrl('', 'load', '&range=1h&anomalies=all'));
    await page.waitForSelector('.connection.is-live');
    await eventually(async () => (await shown(page)).samples).toBeGreaterThan(40);
    expect((await shown(page)).minutes).toBe(0);
    expect(await page.locator('.legend').innerText()).not.toContain('mean');

    step = openMinute();
    await pass(suite.server, [240, 241, 240]);
    await judgedUntil(step + 2 * MINUTE);
    await eventually(async () => (await shown(page)).minutes).toBe(3);
    expect(await page.locator('.legend').innerText()).toContain("alarm of a minute's mean");
    await eventually(() => page.locator('.chart').getAttribute('aria-label')).toContain(
      '3 minutes found by the model',
    );
    const rows = () => page.locator('.anomaly-items li').allInnerTexts();
    await eventually(async () =>
      (await rows()).filter((row) => /in the mean of a minute/.test(row)),
    ).toHaveLength(3);
    await eventually(() => page.locator('.recent-alarms').innerText()).toMatch(
      /^\d\s+alarms? in the last hour$/,
    );
    await eventually(() => page.locator('[role=status], [aria-live]').allInnerTexts()).toContainEqual(
      expect.stringMatching(/alarm/i),
    );
    await wellMade(page);
  });

  it('are reached by keyboard and pointer, and read as a table', async () => {
    const page = await suite.open(seriesUrl('', 'load', '&range=1h'));
    await eventually(async () => (await shown(page)).minutes).toBe(3);
    await page.focus('.chart');
    await page.keyboard.press('p');
    await eventually(() => readout(page)).not.toMatch(/newest/i);
    while (!/minute pointed at/i.test(await readout(page))) await page.keyboard.press('p');
    expect(await readout(page)).toMatch(/mean\s+2\d\d[\s\S]*band[\s\S]*(anomalous|alarm)/);
    expect(await page.locator('.readout').getAttribute('aria-live')).toBe('polite');
    await eventually(() => page.locator('table.stack').innerText()).toContain('mean of the minute');
    const table = await suite.open(seriesUrl('', 'load', '&range=1h&view=table'));
    await table.waitForSelector('table[data-minutes="3"]');
    expect(await table.locator('table[data-minutes] tbody tr').first().innerText()).toMatch(
      /2\d\d[\s\S]*anomalous/,
    );
    await wellMade(table);
  });

  it('stand in small charts, and their series counts as anomalous', async () => {
    const page = await suite.open('/');
    await page.waitForSelector('.tile canvas[data-minutes="3"]');
    await eventually(() => page.locator('.summary').innerText()).toMatch(/1\s+anomalous/);
    expect(await page.locator('.tile .state-words').first().innerText()).toMatch(/^anomalous/);
  });

  it('stay explained by the model that judged them, once a later one has learned them', async () => {
    await pass(suite.server, new Array(40).fill(240));
    await judgedUntil(step + 42 * MINUTE);
    const page = await suite.open(seriesUrl('', 'load', `&from=${step - 1800}&to=${step + 1800}&at=${step}`));
    await eventually(() => readout(page)).toMatch(/linked minute[\s\S]*alarm/i);
    await eventually(() => words(page)).toMatch(/^expected 1(79|80|81)/);
    const before = await words(page);
    const stack = await page.locator('table.stack').innerText();

    await train(suite.server);
    const explain = `${suite.server.url}/api/models/load/explain?from=${step}&to=${step}`;
    const { points } = (await (await fetch(explain)).json()) as ExplainBody;
    expect(points[0]).toMatchObject({ part: 'history' });
    expect(points[0]!.expected).toBeGreaterThan(220);
    await page.waitForSelector('.steps li');
    await eventually(() => words(page)).toBe(before);
    expect(await page.locator('table.stack').innerText()).toBe(stack);
    const again = await suite.open(new URL(page.url()).search);
    await eventually(() => words(again)).toBe(before);
    expect(await again.locator('table.stack').innerText()).toBe(stack);
    expect(await again.locator('.explanation').innerText()).toContain('trained before this minute');
  });

  it('stop by themselves once the step is learned, which the page tells with the step', async () => {
    const page = await suite.open(seriesUrl('', 'load', '&range=1h'));
    await page.waitForSelector('.steps li.is-quiet');
    expect(await page.locator('.steps').innerText()).toMatch(
      /^Knows the step since .*\(\+(5\d|6\d)(\.\d+)?\), learned .*; 43 minutes were anomalous to the model until then, and this level/,
    );
    const from = openMinute();
    await pass(suite.server, [240, 240, 240]);
    await judgedUntil(from + 2 * MINUTE);
    await expect
      .poll(() => page.locator('.steps').innerText())
      .toMatch(
        // The other detector takes the new level for an excursion a while longer.
        /43 minutes were anomalous to the model until then, none since(: anomalous minutes have stopped by themselves|; single samples still are)$/,
      );
    await wellMade(page);
  });
});
