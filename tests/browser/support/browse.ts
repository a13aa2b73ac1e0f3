import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { newContext } from './chromium.js';

export interface Visit {
  readonly page: Page;
  /** Errors of the console and of scripts, and whatever the content security policy refused. */
  readonly problems: string[];
  close(): Promise<void>;
}

/** A fresh profile on a screen of 1280×800, in Berlin. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await newContext(browser, {
    viewport: { width: 1280, height: 800 },
    timezoneId: 'Europe/Berlin',
    ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error.stack)));
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}

/** Seconds since 1970, whole. */
export const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Items of one series a second apart, the last one `endAgo` seconds ago: a calm wave. */
export function calm(name: string, count: number, endAgo = 1, spacing = 1): Record<string, number>[] {
  const end = nowSeconds() - endAgo;
  return Array.from({ length: count }, (_, k) => ({
    timestamp: end - (count - 1 - k) * spacing,
    [name]: 100 + 5 * Math.sin(k / 7) + (k % 3),
  }));
}

/** What the canvas says it shows. */
export async function shown(page: Page, selector = '.chart canvas'): Promise<Record<string, number>> {
  const data = await page
    .locator(selector)
    .first()
    .evaluate((canvas) => ({ ...(canvas as unknown as { dataset: Record<string, string> }).dataset }));
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Number(value)]));
}

/** `?series=` of a key. */
export const seriesUrl = (base: string, series: string, rest = '') =>
  `${base}/?series=${encodeURIComponent(series)}${rest}`;
