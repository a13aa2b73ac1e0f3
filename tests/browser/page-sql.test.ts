import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../blackbox/support/start-server.js';
import { nowSeconds, shown, visit } from './support/browse.js';
import { launchChromium } from './support/chromium.js';
import { unnamed, unreadable } from './support/legibility.js';

const eventually = <T>(look: () => Promise<T> | T) => expect.poll(look, { interval: 60 });
/** Three hours of minutes with one that is far off. */
const COUNT = 180;
const FIRST = Math.floor(nowSeconds() / 60) * 60 - COUNT * 60;
let browser: Browser;
let server: RunningServer;

beforeAll(async () => {
  browser = await launchChromium();
  server = await startServer();
  const items = Array.from({ length: COUNT }, (_, k) => ({
    timestamp: FIRST + 60 * k,
    latency: k === 150 ? 900 : 200 + (k % 5),
    cpu: 30 + (k % 3),
  }));
  const headers = { 'content-type': 'application/json' };
  await fetch(`${server.url}/metrics`, { method: 'POST', headers, body: JSON.stringify(items) });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const EDITOR = '#sql-editor';
const HEAVY =
  'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 1000000)) AS b WHERE MOD(a * b, 7) = 3';

async function open(search = '/?show=sql') {
  const visited = await visit(browser, server.url + search);
  await visited.page.waitForSelector(EDITOR);
  return visited;
}

/** Types a statement over what is there and runs it by keyboard. */
async function run(page: Page, sql: string): Promise<void> {
  await page.fill(EDITOR, sql);
  await page.press(EDITOR, 'Control+Enter');
  await page.waitForSelector('.sql-bar button.primary[aria-disabled=false]');
}

const rows = (page: Page) =>
  page
    .locator('.sql-table tbody tr')
    .evaluateAll((lines) =>
      lines.map((line) =>
        [...(line as unknown as { cells: Iterable<{ textContent: string }> }).cells].map(
          (cell) => cell.textContent,
        ),
      ),
    );

describe('the SQL page', () => {
  it('is reached from the bar at the top, and its script is loaded only then', async () => {
    const { page, problems, close } = await visit(browser, `${server.url}/`);
    const scripts: string[] = [];
    page.on('request', (request) => scripts.push(new URL(request.url()).pathname));
    await page.waitForSelector('.tile');
    expect(scripts.filter((path) => path.includes('sql-view'))).toEqual([]);
    await page.click('nav[aria-label="What is shown"] >> text=SQL');
    await page.waitForSelector(EDITOR);
    expect(scripts.filter((path) => path.includes('sql-view')).length).toBe(2);
    expect(page.url()).toContain('show=sql');
    await eventually(() => page.locator(`${EDITOR}:focus`).count()).toBe(1);
    expect([problems, await unnamed(page)]).toEqual([[], []]);
    await close();
  });

  it('runs what is typed by keyboard, shows every type, and tells NULL from the empty text', async () => {
    const { page, problems, close } = await open();
    await run(
      page,
      `SELECT 9223372036854775807 AS big, NULL AS none, '' AS empty, 'NULL' AS word, [1, 2] AS list, STRUCT(1 AS a) AS pair`,
    );
    await eventually(() => rows(page)).toEqual([
      ['9223372036854775807', 'NULL', '', 'NULL', '[1, 2]', '{a: 1}'],
    ]);
    expect(await page.locator('.sql-table i.null').count()).toBe(1);
    expect(await page.locator('.sql-chart').count()).toBe(0);
    expect(await page.locator('.sql-bar [role=status]').innerText()).toMatch(/^1 row, in \d/);
    expect(problems).toEqual([]);
    await close();
  });

  it('draws a column of times: a line each for a few series, and the column that is chosen', async () => {
    const { page, close } = await open();
    await run(page, 'SELECT time, series, value FROM metrics_dataset.samples ORDER BY time');
    await eventually(async () => (await shown(page, '.sql-canvas')).lines).toBe(2);
    expect((await shown(page, '.sql-canvas')).points).toBe(2 * COUNT);
    expect(await page.locator('.sql-legend').innerText()).toMatch(/latency\s+cpu|cpu\s+latency/);
    await run(page, 'SELECT * FROM metrics_dataset.metrics_table ORDER BY timestamp');
    await eventually(async () => (await shown(page, '.sql-canvas')).lines).toBe(1);
    await page.selectOption('.sql-chart select', 'cpu');
    await eventually(() => page.locator('.sql-canvas').getAttribute('aria-label')).toBe(
      `cpu by timestamp: ${COUNT} points`,
    );
    expect((await rows(page)).length).toBe(100);
    await page.click('.pages >> text=On');
    await eventually(async () => (await rows(page)).length).toBe(COUNT - 100);
    await close();
  });

  it('draws each of many series by itself, or those together that move the most, in UTC as the table', async () => {
    const { page, problems, close } = await open();
    await run(
      page,
      `SELECT TIMESTAMP_SECONDS(1767265200 + 60 * n) AS t, CONCAT('s', CAST(s AS STRING)) AS name, s * MOD(n, 5) AS v
FROM UNNEST(GENERATE_ARRAY(1, 20)) AS n, UNNEST(GENERATE_ARRAY(1, 15)) AS s ORDER BY n, s`,
    );
    await eventually(() => page.locator('.sql-apart canvas[data-lines="1"]').count()).toBe(12);
    await page.click('text=Draw 3 more');
    await eventually(() => page.locator('.sql-apart canvas[data-points="20"]').count()).toBe(15);
    expect(await page.locator('.sql-chart figcaption').innerText()).toMatch(
      /11:01:00 to Jan 1.* 11:20:00 UTC/,
    );
    expect((await rows(page))[0]).toEqual(['2026-01-01 11:01:00 UTC', 's1', '1']);
    expect(await page.locator('nav[aria-label="Time zone shown"]').count()).toBe(0);
    await page.locator('.sql-apart canvas').nth(4).hover();
    await eventually(() => page.locator('.sql-pointed').innerText()).toMatch(/11:\d\d:00 UTC s5 \d+$/);
    await page.click('.sql-layout >> text=Together');
    await eventually(async () => (await shown(page, '.sql-canvas')).lines).toBe(6);
    expect(await page.locator('.sql-legend').innerText()).toMatch(
      /s10\s+s11.*6 of 15 series that move the most/s,
    );
    expect([problems, await unnamed(page), await unreadable(page)]).toEqual([[], [], []]);
    await close();
  });

  it('cuts long texts and shows all of one when asked to, by keyboard too', async () => {
    const { page, problems, close } = await open();
    await run(
      page,
      `SELECT REPEAT('word ', 1000) AS long, JSON '{"a": [1, 2], "b": "${'c'.repeat(60)}"}' AS j, 'x' AS short`,
    );
    const cut = page.locator('.sql-long');
    await eventually(() => cut.count()).toBe(2);
    expect((await cut.first().innerText()).length).toBeLessThan(80);
    await cut.first().press('Enter');
    expect((await page.locator('.sql-whole').innerText()).trim().length).toBe(4999);
    await cut.first().press('Enter');
    await cut.nth(1).click();
    expect(await page.locator('.sql-whole').innerText()).toContain('{\n  "a": [\n    1,\n    2\n  ],');
    expect([problems, await unnamed(page), await unreadable(page)]).toEqual([[], [], []]);
    await close();
  });

  it('says what the models of all series still need', async () => {
    const { page, problems, close } = await open();
    // A server comes to know of a series' minutes when the first has closed: told at once, nothing is waited for.
    const young = { series: 'young', state: 'waiting', trained_at: null, have: 3, need: 120 };
    const json = { models: [young], count: 1, queue: {} };
    await page.route('**/api/models?*', (route) => route.fulfill({ json }));
    await page.click('.sql-ready >> text="Forecast all series"');
    await run(page, await page.inputValue(EDITOR));
    await eventually(() => page.locator('.sql-remarks[aria-label=Notes]').innerText()).toMatch(
      /120 minutes with data: young has 3, and .* trained in 2 h, at \d\d:\d\d UTC/,
    );
    expect([problems, await unnamed(page), await unreadable(page)]).toEqual([[], [], []]);
    await close();
  });

  it('waits for a server that stops to answer while it runs, until one no longer wants to', async () => {
    const { page, close } = await open();
    const polls = /\/bigquery\/v2\/projects\/seismo\/queries\//;
    const words = () => page.locator('.sql-bar [role=status]').innerText();
    const start = async (sql: string) => {
      await page.route(polls, (route) => route.abort());
      await page.fill(EDITOR, sql);
      await page.press(EDITOR, 'Control+Enter');
      await eventually(words).toContain('The server does not answer');
    };
    await start('SELECT 5 AS five');
    await page.unroute(polls);
    await eventually(() => rows(page)).toEqual([['5']]);
    await start('SELECT 6 AS six');
    await page.click('.sql-bar >> text=Cancel');
    await eventually(() => page.locator('.sql-failure').innerText()).toContain('No longer waited for');
    await close();
  });

  it('has the statements for a model ready, and tells why rows have no verdict', async () => {
    const { page, problems, close } = await open();
    for (const [name, words] of [
      [
        'Dataset and table',
        'There is a dataset metrics_dataset already; it stays. There is a table metrics_dataset.metrics_table already',
      ],
      ['Train a model', 'Created model metrics_dataset.latency_anomalies'],
      ['Evaluate it', '1 row'],
      ['Forecast', '60 rows'],
      ['Forecast all series', 'row'],
      ['Detect anomalies', '100 rows'],
    ] as const) {
      await page.click(`.sql-ready >> text="${name}"`);
      await page.click('.sql-bar button.primary');
      await eventually(() => page.locator('.sql-bar [role=status]').innerText()).toContain(words);
    }
    const warning = await page.locator('.sql-remarks').innerText();
    expect(warning).toContain(`${COUNT} rows without a verdict (NULL)`);
    expect(warning).toContain('STRUCT(0.01 AS anomaly_prob_threshold)');
    await page.click('.sql-ready >> text="Judge its history"');
    await page.click('.sql-bar button.primary');
    await eventually(async () => (await shown(page, '.sql-canvas')).anomalous).toBeGreaterThan(0);
    expect(await page.locator('.sql-remarks').count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it('says what failed and shows the place, beside what was done before', async () => {
    const { page, close } = await open();
    await run(page, 'SELECT 1 AS one;\nSELECT time\nFROM metrics_dataset.samples WHERE missing > 3');
    await eventually(() => page.locator('.sql-failure').innerText()).toContain('missing');
    expect(await page.locator('.sql-failure').getAttribute('role')).toBe('alert');
    expect(await rows(page)).toEqual([['1']]);
    await page.click('text=Show the place');
    const at = await page.locator(EDITOR).evaluate((node) => {
      const { value, selectionStart } = node as unknown as { value: string; selectionStart: number };
      return value.slice(selectionStart);
    });
    expect(at).toBe('missing > 3');
    await close();
  });

  it('cancels what runs at Escape, on the server too', async () => {
    const { page, close } = await open();
    await page.fill(EDITOR, HEAVY);
    await page.press(EDITOR, 'Control+Enter');
    await page.waitForSelector('.sql-bar >> text=Cancel');
    await page.press(EDITOR, 'Escape');
    await eventually(() => page.locator('.sql-bar [role=status]').innerText()).toContain('Cancelled after');
    expect(await page.locator('.sql-failure').count()).toBe(0);
    const answer = await fetch(`${server.url}/bigquery/v2/projects/seismo/jobs?stateFilter=running`);
    expect(((await answer.json()) as { jobs: object[] }).jobs).toEqual([]);
    await close();
  });

  it('opens a link with its statement, and runs nothing by itself', async () => {
    const { page, close } = await open(
      `/?show=sql&sql=${encodeURIComponent('DROP SCHEMA metrics_dataset CASCADE')}`,
    );
    expect(await page.inputValue(EDITOR)).toBe('DROP SCHEMA metrics_dataset CASCADE');
    expect(await page.locator('.sql-bar [role=status]').innerText()).toBe('');
    await run(page, 'SELECT 2 AS two');
    await eventually(() => rows(page)).toEqual([['2']]);
    await page.reload();
    await eventually(() => page.inputValue(EDITOR)).toBe('SELECT 2 AS two');
    await close();
  });

  it.each(['light', 'dark'] as const)('is legible in %s', async (colorScheme) => {
    const { page, close } = await visit(browser, `${server.url}/?show=sql`, { colorScheme });
    await page.waitForSelector(EDITOR);
    await run(
      page,
      'SELECT time, value, NULL AS none FROM metrics_dataset.samples LIMIT 20; SELECT nonsense',
    );
    await page.waitForSelector('.sql-failure');
    expect(await unreadable(page)).toEqual([]);
    await close();
  });
});

describe('the SQL page where keys are asked for', () => {
  it('runs after signing in, and changes nothing with a key that may only read', async () => {
    const keys = { SEISMO_API_KEYS: 'read:reader-0123456789,write:writer-0123456789' };
    const locked = await startServer({ env: keys });
    try {
      for (const [key, outcome] of [
        ['reader-0123456789', 'This key may only read.'],
        ['writer-0123456789', 'Created dataset mine'],
      ] as const) {
        const { page, close } = await visit(browser, `${locked.url}/?show=sql`);
        await page.fill('input[name=key]', key);
        await page.press('input[name=key]', 'Enter');
        await page.waitForSelector(EDITOR);
        await run(page, 'SELECT 3 AS three');
        await eventually(() => rows(page)).toEqual([['3']]);
        await run(page, 'CREATE SCHEMA mine');
        await eventually(() => page.locator('main').innerText()).toContain(outcome);
        await close();
      }
    } finally {
      await locked.stop();
    }
  });
});
