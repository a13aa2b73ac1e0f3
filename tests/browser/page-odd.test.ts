import { describe, expect, it } from 'vitest';
import { calm, nowSeconds, seriesUrl, shown } from './support/browse.js';
import { eventually, pageSuite } from './support/page-suite.js';

const PHONE = { viewport: { width: 390, height: 844 } };
const LONG = 'x'.repeat(200);

const suite = pageSuite(async (server) => {
  const labelled = (labels: Record<string, string>, endAgo: number) =>
    calm('m', 240, 2)
      .map((item) => (item.timestamp === nowSeconds() - endAgo ? { ...item, m: 900 } : item))
      .map((item) => ({ ...item, labels }));
  await server.post(calm('m', 240, 2));
  await server.post(labelled({ n: '499' }, 30));
  await server.post(labelled({ note: LONG }, 1000));
  const still = calm('still', 240, 2).map(({ timestamp }) => ({ timestamp, still: 101_300 }));
  await server.post([...still, { timestamp: nowSeconds() + 1, still: 101_300.25 }]);
});
const { open } = suite;

describe('many new series at once', () => {
  it('are all judged on screen soon after', async () => {
    const page = await open('/?q=burst', { viewport: { width: 1280, height: 2400 } });
    await page.waitForSelector('.connection.is-live');
    const items = Array.from({ length: 20 }, (_, k) => calm(`burst${k}`, 80, 2)).flat();
    await suite.server.post(items);
    await eventually(() => page.locator('.tile canvas[data-samples="80"]').count()).toBe(20);
    const bands = () =>
      page
        .locator('.tile canvas')
        .evaluateAll((all) =>
          all.map((one) => Number((one as unknown as { dataset: Record<string, string> }).dataset.band)),
        );
    await eventually(async () => Math.min(...(await bands()))).toBeGreaterThanOrEqual(15);
    expect((await bands()).length).toBe(20);
  });
});

describe('more series than the page lists', () => {
  const COUNT = 2_300;

  it('are all counted, and those beyond the list are found by search and by their address', async () => {
    const names = Array.from({ length: COUNT }, (_, k) => `many_${k + 1}`);
    const item = { timestamp: nowSeconds(), ...Object.fromEntries(names.map((name) => [name, 1])) };
    await suite.server.post(item);
    const answer = await fetch(`${suite.server.url}/api/series?limit=2000`);
    const listed = (await answer.json()) as { count: number; series: { series: string }[] };
    const rest = names.filter((name) => !listed.series.some(({ series }) => series === name));
    expect(rest.length).toBeGreaterThan(100);
    const page = await open('/');
    await eventually(() => page.locator('.summary .is-warming_up b').innerText()).toMatch(/^2,\d{3}$/);
    expect(await page.locator('.pages').innerText()).toContain(
      `of 2,000 (${listed.count.toLocaleString('en-US')} in all)`,
    );
    const beyond = rest.find((name) => !names.some((other) => other !== name && other.startsWith(name)))!;
    await page.locator('.search').fill(beyond);
    await eventually(() => page.locator('.tile .metric').allInnerTexts()).toEqual([beyond]);
    await page.locator('.search').fill('no_such_series');
    await eventually(() => page.locator('main .note').innerText()).toContain('No series matches');
    const single = await open(seriesUrl('', beyond));
    await eventually(() => single.locator('#series-title').innerText()).toBe(beyond);
    const none = await open(seriesUrl('', 'no_such_series'));
    await eventually(() => none.locator('h1').innerText()).toBe('No series of this name');
  });
});

describe('values as large as numbers go', () => {
  it('are written short and drawn within the chart', async () => {
    const huge = [1.3e300, -Number.MAX_VALUE, Number.MAX_VALUE, 1.3e300];
    await suite.server.post(huge.map((value, k) => ({ timestamp: nowSeconds() - 10 + k, huge: value })));
    const page = await open(seriesUrl('', 'huge'));
    await page.waitForSelector('.chart canvas[data-samples="4"]');
    expect(await page.locator('.readout').innerText()).toContain('1.3e300');
    expect(await page.locator('.series-value').innerText()).toBe('1.3e300');
    const strokes = await page.evaluate(`(() => {
      const canvas = document.querySelector('.chart canvas');
      const width = canvas.width - 130;
      const { data } = canvas.getContext('2d').getImageData(100, 0, width, canvas.height - 60);
      const rows = new Set();
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) rows.add(Math.floor(i / 4 / width));
      return rows.size;
    })()`);
    expect(strokes).toBeGreaterThan(100);
    expect((await shown(page)).samples).toBe(4);
  });
});

describe('a name that several series share', () => {
  it('lists only the findings of the series shown', async () => {
    const page = await open(seriesUrl('', 'm', '&anomalies=all'));
    await page.waitForSelector('.anomalies .note, .anomaly-items li');
    await page.waitForSelector('.chart canvas[data-samples]');
    const names = await page.locator('.anomaly-series').allInnerTexts();
    expect(names.filter((name) => name !== 'm')).toEqual([]);
    await page.goto(`${suite.server.url}${seriesUrl('', 'm{n="499"}', '&anomalies=all')}`);
    await eventually(() => page.locator('.anomaly-series').first().innerText()).toBe('m{n="499"}');
  });

  it('is found by its label as the tile shows it', async () => {
    const page = await open('/');
    for (const query of ['n=499', 'm n=499', 'n="499"']) {
      await page.fill('input[type=search]', query);
      await eventually(() => page.locator('.tile .labels').allInnerTexts()).toEqual(['n=499']);
    }
  });

  it('stands above its labels in a table where they do not fit beside it', async () => {
    const long = 'network_transmit_bytes_per_second';
    await suite.server.post([
      { timestamp: nowSeconds(), [long]: 1, labels: { source: 'host' } },
      { timestamp: nowSeconds(), wide: 1, labels: { source: 'host' } },
    ]);
    const page = await open('/?q=source&view=table');
    const boxes = async (metric: string) => {
      const row = page.locator('tbody th', { hasText: metric });
      const [name, labels] = await Promise.all([
        row.locator('.metric').boundingBox(),
        row.locator('.labels').boundingBox(),
      ]);
      return { name: name!, labels: labels! };
    };
    const stacked = await boxes(long);
    expect(stacked.labels.y).toBeGreaterThanOrEqual(stacked.name.y + stacked.name.height);
    const besides = await boxes('wide');
    expect(besides.labels.x).toBeGreaterThanOrEqual(besides.name.x + besides.name.width);
    const isWhole = `[...document.querySelectorAll('.labels')].every((node) => node.scrollWidth <= node.clientWidth)`;
    expect(await page.evaluate(isWhole)).toBe(true);
  });

  it('stays readable beside a label that is far too long', async () => {
    for (const path of ['/?q=note', '/?q=note&view=table']) {
      const page = await open(path, PHONE);
      const name = page.locator('#app .metric').first();
      await name.waitFor();
      expect(await name.innerText()).toBe('m');
      const isWhole = `((node) => node.scrollWidth <= node.clientWidth)(document.querySelector('#app .metric'))`;
      expect(await page.evaluate(isWhole)).toBe(true);
      expect(await page.locator('.series-name').first().getAttribute('title')).toBe(`m note=${LONG}`);
      if (path.includes('table')) {
        const value = (await page.locator('tbody td.number').first().boundingBox())!;
        expect(value.x + value.width).toBeLessThanOrEqual(390);
      }
    }
  });
});

describe('an address that makes no sense', () => {
  it('is told, and put right', async () => {
    const page = await open(seriesUrl('', 'm', '&from=2000&to=1000'));
    await page.waitForSelector('.banner:has-text("must be earlier")');
    expect(page.url()).toBe(`${suite.server.url}${seriesUrl('', 'm')}`);
    await page.goto(`${suite.server.url}${seriesUrl('', 'm', '&range=3y')}`);
    await page.waitForSelector('.banner:has-text("no range “3y”")');
    await page.click('nav >> text=Live');
    await eventually(() => page.locator('.banner').count()).toBe(0);
    expect(page.url()).toContain('range=5m');
  });
});

it('the table of series fits a screen, and shows name, state and value on a phone', async () => {
  const wide = await open('/?view=table', { viewport: { width: 1440, height: 900 } });
  await wide.waitForSelector('table.data');
  const overhang = `((box) => box.scrollWidth - box.clientWidth)(document.querySelector('.table-scroll'))`;
  expect(await wide.evaluate(overhang)).toBe(0);
  const phone = await open('/?view=table', { viewport: { width: 360, height: 740 } });
  const first = phone.locator('table.data tbody tr').first();
  const name = (await first.locator('th').boundingBox())!;
  const value = (await first.locator('td.number').first().boundingBox())!;
  expect(name.width).toBeGreaterThanOrEqual(128);
  expect(value.x + value.width).toBeLessThanOrEqual(348);
});

it('all ranges are within the screen of a phone', async () => {
  const page = await open(seriesUrl('', 'm'), PHONE);
  const last = (await page.locator('.range-bar a', { hasText: '30 days' }).boundingBox())!;
  expect(last.x + last.width).toBeLessThanOrEqual(390 - 12);
});

describe('a value that would be ordinary at another time of day', () => {
  it('is told as such, live and out of the list', async () => {
    const now = nowSeconds();
    const days = Array.from({ length: 5 * 144 }, (_, k) => now - 600 * (5 * 144 - k));
    // Lowest at this time of day, highest twelve hours from it.
    const wave = (timestamp: number) => 100 - 50 * Math.cos((2 * Math.PI * (timestamp - now)) / 86_400);
    await suite.server.post(days.map((timestamp, k) => ({ timestamp, daily: wave(timestamp) + (k % 3) })));
    const page = await open(seriesUrl('', 'daily', '&anomalies=all'));
    await page.waitForSelector('.connection.is-live');
    await page.waitForSelector('.chart canvas[data-samples]');
    await suite.server.post({ timestamp: now, daily: 135 });
    const words = /^135 above \S+ expected, unusual for the time of day$/;
    await eventually(() => page.locator('.anomaly-values').first().innerText()).toMatch(words);
    await page.reload();
    await eventually(() => page.locator('.anomaly-values').first().innerText()).toMatch(words);
  });
});

describe('a constant that moves by next to nothing', () => {
  it('has numbers that tell the anomaly from what was expected', async () => {
    const page = await open(seriesUrl('', 'still', '&anomalies=all'));
    await eventually(() => page.locator('.anomaly-values').first().innerText()).toBe(
      '101,300.3 above 101,300 expected',
    );
  });

  it('keeps its state in sight beside a long band', async () => {
    const page = await open('/?q=still', { viewport: { width: 1280, height: 800 } });
    await page.waitForSelector('.tile .state-words');
    const cut = `((one) => one.scrollWidth - one.clientWidth)(document.querySelector('.tile .state-words'))`;
    expect(await page.evaluate(cut)).toBeLessThanOrEqual(0);
    const words = (await page.locator('.tile .state-words').boundingBox())!;
    const foot = (await page.locator('.tile-state').boundingBox())!;
    expect(words.x + words.width).toBeLessThanOrEqual(foot.x + foot.width + 0.5);
  });
});

describe('a unit that the name of a series says', () => {
  const BYTES = 'network_used_bytes_per_second';
  const large = () =>
    calm(BYTES, 240, 2).map((item, k) => ({ ...item, [BYTES]: (k === 220 ? 90 : 10 + (k % 7) / 10) * 1e9 }));

  it('stands behind every number of it, and in the heads of tables', async () => {
    await suite.server.post(large());
    const page = await open(seriesUrl('', BYTES, '&anomalies=all'));
    await eventually(() => page.locator('.anomaly-values').first().innerText()).toMatch(
      /^90 GB\/s above [\d.]+ GB\/s expected/,
    );
    await page.locator('.anomaly-items a').first().click();
    const band = page.locator('.readout > div', { hasText: 'band' }).locator('dd');
    await eventually(() => band.innerText()).toMatch(/^[\d.]+ to [\d.]+ GB\/s$/);
    for (const name of ['value', 'expected']) {
      const item = page.locator('.readout > div', { hasText: name }).locator('dd');
      expect(await item.innerText()).toMatch(/^[\d.]+ GB\/s$/);
    }
    await page.getByRole('link', { name: 'Table' }).click();
    const heads = page.locator('table.data th[scope=col]');
    await eventually(() => heads.allInnerTexts()).toEqual(
      expect.arrayContaining(['Value (B/s)', 'Expected (B/s)', 'Band (B/s)', 'Probability']),
    );
  });

  it('leaves nothing outside the screen of a phone', async () => {
    await suite.server.post(large());
    for (const path of ['/?q=used', seriesUrl('', BYTES, '&anomalies=all')]) {
      const page = await open(path, { viewport: { width: 360, height: 740 } });
      await page.locator('#app .metric').first().waitFor();
      if (path.includes('series'))
        await eventually(() => page.locator('.readout dd.strong').innerText()).toMatch(/B\/s$/);
      else await eventually(() => page.locator('.tile-value').innerText()).toMatch(/GB\/s$/);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      const isWhole = `[...document.querySelectorAll('.readout dd, .tile-value, .series-value, .anomaly-values')].every((node) => node.scrollWidth <= node.clientWidth + 1)`;
      expect(await page.evaluate(isWhole)).toBe(true);
    }
  });
});
