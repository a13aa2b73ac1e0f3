import { request } from 'node:http';
import type { Logger } from '../logger.js';
import type { Clock } from '../ports/clock.js';
import type { Ingest } from '../ports/ingest.js';
import { HostReadings } from './host-readings.js';

const INTERVAL_MS = 1000;
const REQUEST_TIMEOUT_MS = 5000;

export interface HostMetricsOptions {
  readonly ingest: Ingest;
  readonly clock: Clock;
  /** Where the server listens, `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** For the request that is timed, such as an API key. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/**
 * This machine as a source: every whole second one item with `{source="host"}`, on the same way in as any other.
 * A second that comes while the last one is still being worked on is left out: a gap says what happened.
 */
export function startHostMetrics(options: HostMetricsOptions): { stop(): void } {
  const { ingest, clock, log } = options;
  const readings = new HostReadings();
  let timer: NodeJS.Timeout | undefined;
  let working = false;
  let failing = false;
  let stopped = false;
  // The first request of a process takes ten times as long: counted, it would be an alarm after every restart.
  const warmedUp = tryRequest(options);

  function schedule(): void {
    timer = setTimeout(tick, INTERVAL_MS - (clock.nowMs() % INTERVAL_MS));
    timer.unref();
  }

  function tick(): void {
    schedule();
    if (working) return;
    working = true;
    // A timer may fire a millisecond early.
    const second = Math.round(clock.nowMs() / 1000);
    void observe(second).finally(() => {
      working = false;
    });
  }

  async function observe(second: number): Promise<void> {
    try {
      await warmedUp;
      const item = { timestamp: second, labels: { source: 'host' }, ...readings.read() };
      const { unanswered, ...latency } = await tryRequest(options);
      if (stopped) return;
      const { rejected } = await ingest.ingest({ ...item, ...latency });
      if (rejected[0] !== undefined) throw new Error(rejected[0].message);
      if (unanswered !== undefined) throw unanswered;
      if (failing) log.info({}, "this machine's own metrics are recorded in full again");
      failing = false;
    } catch (error) {
      if (!failing && !stopped)
        log.warn({ error: String(error) }, "this machine's own metrics are not recorded in full");
      failing = true;
    }
  }

  schedule();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The latency, or why there was no answer. */
function tryRequest(options: HostMetricsOptions): Promise<{ latency?: number; unanswered?: unknown }> {
  return timeRequest(options).then(
    (latency) => ({ latency }),
    (unanswered: unknown) => ({ unanswered }),
  );
}

/**
 * Milliseconds from opening a connection to the last byte of `GET /health`: a connection of its own each time,
 * as a new client has it, through everything that any request goes through.
 */
function timeRequest({ baseUrl, headers }: HostMetricsOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const sent = request(
      new URL('/health', baseUrl),
      { agent: false, headers: { ...headers }, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) },
      (response) => {
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(Math.round((performance.now() - startMs) * 1000) / 1000);
          else reject(new Error(`GET /health answered ${response.statusCode}`));
        });
        response.resume();
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}
