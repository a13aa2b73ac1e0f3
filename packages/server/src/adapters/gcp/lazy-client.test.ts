import { describe, expect, it } from 'vitest';
import { LazyClient } from './lazy-client.js';

describe('a client that is loaded when needed', () => {
  it('is opened once, however many ask, and not at all for closing', async () => {
    let opened = 0;
    const lazy = new LazyClient('BigQuery', async () => ++opened);
    expect(await lazy.opened()).toBeUndefined();
    lazy.warmUp();
    expect(await Promise.all([lazy.get(), lazy.get(), lazy.opened()])).toEqual([1, 1, 1]);
  });

  it('is opened by the next call where it could not be before, and says why', async () => {
    let tries = 0;
    const lazy = new LazyClient('Pub/Sub', async () => {
      if (++tries < 3) throw new Error('no such module');
      return 'client';
    });
    // Nobody waits for this one: that it fails must not end the process.
    lazy.warmUp();
    expect(await lazy.opened()).toBeUndefined();
    await expect(lazy.get()).rejects.toMatchObject({
      code: 'not_ready',
      message: 'The client of Pub/Sub cannot be used: no such module',
    });
    expect(await lazy.get()).toBe('client');
  });
});
