import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWholeServer } from '../blackbox/support/whole-server.js';
import { CONTEXT_OPTIONS, launchChromium } from './support/chromium.js';

let server: Awaited<ReturnType<typeof startWholeServer>>;
let browser: Awaited<ReturnType<typeof launchChromium>>;
beforeAll(async () => {
  server = await startWholeServer();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

it('/docs shows every route and breaks no rule of its own policy', async () => {
  const page = await (await browser.newContext(CONTEXT_OPTIONS)).newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${server.url}/docs`);
  await page.waitForSelector('.opblock-summary-path');
  const paths = await page.locator('.opblock-summary-path').allInnerTexts();
  expect(paths.map((path) => path.replace(/\u200b/g, ''))).toContain('/get_anomalies');
  expect(paths.length).toBeGreaterThanOrEqual(12);
  expect(complaints).toEqual([]);
});
