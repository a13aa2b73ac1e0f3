import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWholeServer } from '../blackbox/support/whole-server.js';
import { launchChromium, newContext } from './support/chromium.js';

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
  const page = await (await newContext(browser)).newPage();
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
  expect(await page.locator('.info a.link').first().getAttribute('href')).toBe(`${server.url}/openapi.json`);
  expect(complaints).toEqual([]);
});

it('/docs is dark or light by the system', async () => {
  const page = await (await newContext(browser, { colorScheme: 'dark' })).newPage();
  await page.goto(`${server.url}/docs`);
  await page.waitForSelector('.info .title');
  const brightness = async () => {
    const colors: string[] = await page.evaluate(
      "[getComputedStyle(document.querySelector('.info .title')).color," +
        ' getComputedStyle(document.documentElement).backgroundColor]',
    );
    return colors.map((color) => Number(/\d+/.exec(color)?.[0]));
  };
  const [darkText, darkGround] = await brightness();
  expect(darkText).toBeGreaterThan(150);
  expect(darkGround).toBeLessThan(80);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(async () => (await brightness())[0]).toBeLessThan(100);
});
