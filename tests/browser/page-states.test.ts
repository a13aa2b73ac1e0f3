import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calm, nowSeconds, seriesUrl, visit } from './support/browse.js';
import { launchChromium, newContext } from './support/chromium.js';
import { unnamed, unreadable } from './support/legibility.js';
import { DASHBOARD, startPageServer } from './support/page-server.js';

const KIB = 1024;
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
});

const eventually = <T>(look: () => Promise<T> | T) => expect.poll(look, { interval: 60 });

describe('the built page', () => {
  it('loads at most 60 kB of script, packed', () => {
    const read = (name: string) => readFileSync(join(DASHBOARD, 'assets', name), 'utf8');
    const html = readFileSync(join(DASHBOARD, 'index.html'), 'utf8');
    const scripts = [...html.matchAll(/"\/assets\/([^"]+\.js)"/g)].map(([, name]) => name!);
    expect(scripts.length).toBeGreaterThan(0);
    // What they import at once; pages that are loaded when somebody goes there have the form import("…").
    for (const script of scripts) {
      for (const [, name] of read(script).matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
        if (!scripts.includes(name!)) scripts.push(name!);
      }
    }
    const packed = scripts.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
    expect(packed).toBeGreaterThan(20 * KIB);
    expect(packed).toBeLessThanOrEqual(60 * KIB);
  });

  it('has nothing inline and nothing from elsewhere', () => {
    const html = readFileSync(join(DASHBOARD, 'index.html'), 'utf8');
    expect(html).not.toMatch(/\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)/);
    const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const address of addresses) expect(address).toMatch(/^\/(?!\/)/);
  });
});

describe('a server without series', () => {
  it('gets a line to try, which works, and the series shows up by itself', async () => {
    const server = await startPageServer();
    const { page, problems, close } = await visit(browser, server.url);
    await page.waitForSelector('text=No series yet');
    const line = await page.locator('pre').innerText();
    expect(line).toContain(`curl -X POST ${server.url}/metrics`);
    const body = /-d '(.*)'$/.exec(line)?.[1]?.replace(/'\$\(date \+%s\)'/, String(nowSeconds()));
    await server.post(JSON.parse(body ?? ''));
    await page.waitForSelector('.tile');
    expect(await page.locator('.tile').count()).toBe(2);
    expect(problems).toEqual([]);
    await close();
    await server.remove();
  });
});

describe('a server that goes away', () => {
  it('is missed by a banner and grey charts, and found again', async () => {
    const server = await startPageServer();
    await server.post(calm('steady', 100));
    const { page, close } = await visit(browser, server.url);
    await page.waitForSelector('.connection.is-live');
    await page.waitForSelector('.tile');
    await server.stop();
    await page.waitForSelector('.banner');
    expect(await page.locator('.banner').innerText()).toMatch(/Disconnected since \d\d:\d\d:\d\d/);
    expect(await page.locator('body').getAttribute('class')).toContain('is-stale');
    expect(await page.locator('.tile').count()).toBe(1);
    await server.start();
    await server.post({ timestamp: nowSeconds() + 1, steady: 123.5 });
    await page.click('.banner button').catch(() => undefined);
    await page.waitForSelector('.connection.is-live');
    await eventually(() => page.locator('.banner').count()).toBe(0);
    await eventually(() => page.locator('.tile').innerText()).toContain('123.5');
    await close();
    await server.remove();
  });
});

describe('a server with keys', () => {
  it('asks for one, says when it is wrong, keeps who is signed in, and signs out', async () => {
    const server = await startPageServer({ apiKeys: [{ key: 'a-key-of-sixteen-letters', access: 'write' }] });
    const first = await visit(browser, server.url);
    await first.page.fill('#key', 'a-key-of-sixteen-letters');
    await first.page.keyboard.press('Enter');
    await first.page.waitForSelector('text=No series yet');
    expect(await first.page.locator('pre').innerText()).toContain('/metrics -H "X-API-Key: $KEY" -H');
    await first.close();
    await server.post(calm('steady', 10), { 'x-api-key': 'a-key-of-sixteen-letters' });
    const { page, close } = await visit(browser, seriesUrl(server.url, 'steady'));
    await page.waitForSelector('h1:has-text("Sign in")');
    expect(await page.evaluate('document.activeElement.id')).toBe('key');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('[role=alert]').innerText()).toBe(
      'The server does not know this key.',
    );
    await page.fill('#key', 'a-key-of-sixteen-letters');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("steady")');
    await page.reload();
    await page.waitForSelector('.connection.is-live');
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.click('text=Sign out');
    await page.waitForSelector('h1:has-text("Sign in")');
    await page.reload();
    await page.waitForSelector('h1:has-text("Sign in")');
    await close();
    await server.remove();
  });
});

describe('this machine as a source', () => {
  it('is on the page within seconds, learning, and goes on by itself', async () => {
    const server = await startPageServer({ hostMetrics: true });
    const { page, problems, close } = await visit(browser, server.url);
    await page.waitForSelector('.tile:has-text("cpu"):has-text("source=host")');
    await page.waitForSelector('.tile:has-text("latency")');
    const learned = async () =>
      Number(/learning: (\d+) of/.exec(await page.locator('.tile:has-text("latency")').innerText())?.[1]);
    await eventually(learned).toBeGreaterThan(2);
    expect(problems).toEqual([]);
    await close();
    await server.remove();
  });
});

describe('whoever looks', () => {
  it('gets the theme of the system, readable in both, on small screens without sideways scrolling', async () => {
    const server = await startPageServer();
    await server.post(calm('steady', 100));
    await server.post(calm('a_series_with_a_really_long_name_that_goes_on_and_on_for_ever', 100));
    const backgrounds: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const options = {
        colorScheme,
        viewport: { width: 390, height: 844 },
        reducedMotion: 'reduce',
      } as const;
      for (const path of ['/', '/?view=table', '/?series=steady']) {
        const { page, problems, close } = await visit(browser, server.url + path, options);
        await page.waitForSelector('.tile, table.data, .chart canvas');
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
        expect(await unreadable(page)).toEqual([]);
        expect(await unnamed(page)).toEqual([]);
        if (path === '/')
          backgrounds.push(
            String(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')),
          );
        expect(problems).toEqual([]);
        await close();
      }
    }
    expect(new Set(backgrounds).size).toBe(2);
    await server.remove();
  });

  it('in whatever language the browser speaks sees numbers and times', async () => {
    const server = await startPageServer();
    await server.post(calm('steady', 100));
    for (const locale of ['ar-EG', 'de-DE', 'hi-IN-u-nu-deva']) {
      const { page, problems, close } = await visit(browser, seriesUrl(server.url, 'steady', '&range=1h'), {
        locale,
      });
      await page.waitForSelector('.chart canvas[data-samples="100"]');
      expect(problems).toEqual([]);
      await close();
    }
    const odd = await newContext(browser);
    await odd.addInitScript('Object.defineProperty(navigator, "language", { value: "en-US@posix" })');
    const page = await odd.newPage();
    await page.goto(seriesUrl(server.url, 'steady', '&range=1h'));
    await page.waitForSelector('.chart canvas[data-samples="100"]');
    await odd.close();
    await server.remove();
  });
});
