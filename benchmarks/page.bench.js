/**
 * The large chart in a real Chromium: 100,000 points with band taken in and drawn first, then panned with 20,000
 * visible. The headless browser draws in software: on a real screen frames come faster. Aims: 50 ms, 60 frames/s.
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { readFlags } from './load/read-flags.js';

readFlags('How fast the large chart draws and pans in a real Chromium.', {});

const POINTS = 100_000;
const VISIBLE = 20_000;
const FRAMES = 240;
const START = 1_760_000_000;
const SERIES = 'bench';

const support = async (name) =>
  (await runnerImport(fileURLToPath(new URL(`../tests/browser/support/${name}.ts`, import.meta.url)))).module;

/** A wave with noise, its band, and an anomaly now and then: as `/api/samples` answers. */
function samples(from, to) {
  const first = Math.max(0, Math.ceil(from - START));
  const count = Math.max(0, Math.min(POINTS, Math.floor(to - START) + 1) - first);
  const column = (make) => Array.from({ length: count }, (_, k) => make(first + k));
  const wave = (i) => 100 + 20 * Math.sin(i / 900);
  const noise = (i) => 4 * Math.sin(i * 12.9898) + 3 * Math.sin(i * 78.233);
  const spike = (i) => (i % 997 === 5 ? 60 : 0);
  return {
    ...{ series: SERIES, from, to, total: count, downsampled: false },
    time: column((i) => START + i),
    value: column((i) => wave(i) + noise(i) + spike(i)),
    state: column((i) => (spike(i) > 0 ? 'anomalous' : 'ok')),
    expected: column(wave),
    lower_bound: column((i) => wave(i) - 12),
    upper_bound: column((i) => wave(i) + 12),
    anomaly_probability: column(() => 0.5),
    alarm: column((i) => spike(i) > 0),
  };
}

async function openPage(browser, server) {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const item = {
    series: SERIES,
    name: SERIES,
    labels: {},
    state: 'ok',
    have: 60,
    need: 60,
    last: null,
    last_minute: null,
  };
  await page.route('**/api/series*', (route) =>
    route.fulfill({
      json: {
        series: [{ ...item, last_anomaly: null }],
        ...{ count: 1, limit: 1 },
        detector: { name: 'none', caught_up: true, rebuilding: null, series_with_state: 0, state_bytes: 0 },
      },
    }),
  );
  await page.route('**/api/samples*', (route) => {
    const query = new URL(route.request().url()).searchParams;
    return route.fulfill({ json: samples(Number(query.get('from')), Number(query.get('to'))) });
  });
  return {
    page,
    async show(from, to) {
      await page.goto(`${server.url}/?series=${SERIES}&from=${from}&to=${to}`);
      await page.waitForSelector('.chart canvas[data-samples]:not([data-samples="0"])');
    },
  };
}

/** Milliseconds of each `performance.measure` of that name. */
const measures = (page, name) =>
  page.evaluate(`performance.getEntriesByName('${name}').map((entry) => entry.duration)`);

async function firstDraw(page, show) {
  const rows = [];
  for (let round = 0; round < 5; round++) {
    await show(START, START + POINTS);
    const [take] = await measures(page, 'seismo-take');
    const paints = await measures(page, 'seismo-paint');
    const drawn = Number(await page.locator('.chart canvas').getAttribute('data-drawn'));
    // Before the data arrive an empty frame is drawn: the first full one is the longest of the first few.
    rows.push({ take, paint: Math.max(...paints.slice(0, 4)), drawn });
  }
  return rows.sort((a, b) => a.take + a.paint - b.take - b.paint)[2];
}

async function pan(page, show) {
  await show(START + 40_000, START + 40_000 + VISIBLE);
  const box = await page.locator('.chart canvas').boundingBox();
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + 700, box.y + 200);
  await page.mouse.down();
  await page.evaluate('performance.clearMeasures()');
  const ms = await page.evaluate(`new Promise((done) => {
    const canvas = document.querySelector('.chart canvas');
    const left = canvas.getBoundingClientRect().left;
    let frame = 0;
    const started = performance.now();
    const next = () => {
      if (frame++ === ${FRAMES}) return done(performance.now() - started);
      const clientX = left + 700 + 250 * Math.sin(frame / 20);
      canvas.dispatchEvent(new PointerEvent('pointermove', { clientX, bubbles: true }));
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  })`);
  const paints = (await measures(page, 'seismo-paint')).sort((a, b) => a - b);
  await page.mouse.up();
  await page.keyboard.up('Shift');
  return { framesPerSecond: FRAMES / (ms / 1000), paint: paints[Math.floor(paints.length / 2)] };
}

const { launchChromium } = await support('chromium');
const { startPageServer } = await support('page-server');
const server = await startPageServer();
const browser = await launchChromium();
try {
  const { page, show } = await openPage(browser, server);
  const first = await firstDraw(page, show);
  const moved = await pan(page, show);
  console.table([
    {
      what: `${POINTS} points with band, first`,
      'take in ms': first.take.toFixed(1),
      'draw ms': first.paint.toFixed(1),
      'points drawn': first.drawn,
      'frames/s': '',
    },
    {
      what: `pan with ${VISIBLE} visible`,
      'take in ms': '',
      'draw ms': moved.paint.toFixed(1),
      'points drawn': '',
      'frames/s': moved.framesPerSecond.toFixed(0),
    },
  ]);
  console.log(
    `Chromium, software drawing, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`,
  );
} finally {
  await browser.close();
  await server.remove();
}
