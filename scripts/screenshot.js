/**
 * Takes `docs/page.png`: the page of a real server that has judged the example recordings, moved so that they end
 * now, and watches this machine for a while. `node scripts/screenshot.js [--seconds 310] [--dark]`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { ensureReady, ROOT } from './set-up.js';

const BYTES_MAX = 300 * 1024;
const ITEMS_AT_ONCE = 500;
const RECORDINGS = [
  { file: 'ec2_request_latency_system_failure.csv', series: 'latency', labels: { service: 'checkout' } },
  { file: 'ec2_cpu_utilization_825cc2.csv', series: 'cpu', labels: { service: 'checkout' } },
];

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '310' }, dark: { type: 'boolean', default: false } },
});

/** Items of a recording, the last of them at this moment. */
function itemsOf({ file, series, labels }) {
  const lines = readFileSync(join(ROOT, 'examples', file), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const rows = lines.map((line) => line.split(','));
  const times = rows.map(([time]) => Date.parse(`${time.replace(' ', 'T')}Z`) / 1000);
  const shift = Math.floor(Date.now() / 1000) - times[times.length - 1];
  return rows.map(([, value], i) => ({ timestamp: times[i] + shift, [series]: Number(value), labels }));
}

async function takePicture(url, launchChromium) {
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({
      locale: 'en-US',
      viewport: { width: 1440, height: 900 },
      deviceScaleFactor: 1,
      colorScheme: values.dark ? 'dark' : 'light',
    });
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForSelector('.tile canvas[data-samples]');
    await page.waitForSelector('.connection.is-live');
    await sleep(4000);
    return await page.screenshot();
  } finally {
    await browser.close();
  }
}

await ensureReady();
const support = async (name) => (await runnerImport(join(ROOT, `tests/browser/support/${name}.ts`))).module;
const { launchChromium } = await support('chromium');
const { startPageServer } = await support('page-server');
const server = await startPageServer({ hostMetrics: true });
try {
  await sleep(Number(values.seconds) * 1000);
  for (const recording of RECORDINGS) {
    const items = itemsOf(recording);
    for (let i = 0; i < items.length; i += ITEMS_AT_ONCE)
      await server.post(items.slice(i, i + ITEMS_AT_ONCE));
  }
  const picture = await takePicture(server.url, launchChromium);
  if (picture.length > BYTES_MAX)
    throw new Error(`The picture has ${picture.length} bytes, more than ${BYTES_MAX}.`);
  writeFileSync(join(ROOT, 'docs/page.png'), picture);
  console.log(`docs/page.png: ${Math.round(picture.length / 1024)} KiB`);
} finally {
  await server.remove();
}
