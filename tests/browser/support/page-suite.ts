import type { Clock } from '@seismo/server/ports/clock';
import type { HttpServices } from '@seismo/server/serve/http-server';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Visit, visit } from './browse.js';
import { launchChromium } from './chromium.js';
import { type PageServer, startPageServer } from './page-server.js';

/**
 * One browser and one server for the tests of a file, the server with what `fill` posts to it. After each test the
 * pages that it opened are closed, and none may have had anything to complain of.
 */
export function pageSuite(
  fill: (server: PageServer) => Promise<void>,
  more: Partial<HttpServices> = {},
  clock?: Clock,
) {
  let browser: Browser;
  let server: PageServer;
  let visits: Visit[] = [];

  beforeAll(async () => {
    [browser, server] = await Promise.all([launchChromium(), startPageServer({}, more, clock)]);
    await fill(server);
  });
  afterEach(async () => {
    for (const one of visits) {
      await one.close();
      expect(one.problems).toEqual([]);
    }
    visits = [];
  });
  afterAll(async () => {
    await browser?.close();
    await server?.remove();
  });

  return {
    get browser() {
      return browser;
    },
    get server() {
      return server;
    },
    async open(path = '', options: BrowserContextOptions = {}): Promise<Page> {
      const one = await visit(browser, `${server.url}${path}`, options);
      visits.push(one);
      return one.page;
    },
  };
}

export const eventually = <T>(look: () => Promise<T> | T) => expect.poll(look, { interval: 60 });
