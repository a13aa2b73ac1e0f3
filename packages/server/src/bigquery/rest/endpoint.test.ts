import { describe, expect, it, vi } from 'vitest';
import type { SqlSession } from '../../ports/sql-engine.js';
import { inSession } from './endpoint.js';
import { TIMED_OUT } from './job.js';

function sessionOf() {
  return { interrupt: vi.fn(), close: vi.fn(async () => {}) } as unknown as SqlSession;
}

describe('work with a connection', () => {
  it('is ended where it was cancelled while the connection opened', async () => {
    const session = sessionOf();
    const cancel = new AbortController();
    const open = async () => {
      cancel.abort();
      return session;
    };
    const work = vi.fn(async () => expect(session.interrupt).toHaveBeenCalledExactlyOnceWith('cancelled'));
    await inSession({ engine: { open } }, work, cancel.signal);
    expect(work).toHaveBeenCalledOnce();
    expect(session.close).toHaveBeenCalledOnce();
  });

  it('is ended while it works, and no more afterwards', async () => {
    const session = sessionOf();
    const cancel = new AbortController();
    await inSession(
      { engine: { open: async () => session } },
      async () => cancel.abort(TIMED_OUT),
      cancel.signal,
    );
    expect(session.interrupt).toHaveBeenCalledExactlyOnceWith('timeout');
    const later = new AbortController();
    await inSession({ engine: { open: async () => session } }, async () => {}, later.signal);
    later.abort();
    expect(session.interrupt).toHaveBeenCalledOnce();
  });
});
