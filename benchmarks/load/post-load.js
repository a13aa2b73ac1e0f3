import { HttpConnection } from './http-connection.js';

/**
 * Posts `bodyOf(connection, round)` over so many connections, on each one after the other, for so long; with a pause,
 * each connection sends one request in that time.
 * @param {{ url: URL, headers?: Record<string, string>, connections: number, durationMs: number, pauseMs?: number,
 *   bodyOf: (connection: number, round: number) => string }} load
 */
export async function postLoad({ url, headers, connections: count, durationMs, pauseMs = 0, bodyOf }) {
  const latenciesMs = [];
  const statuses = {};
  const connections = await Promise.all(
    Array.from({ length: count }, () => HttpConnection.open(url, url.pathname, headers)),
  );
  const startMs = performance.now();
  await Promise.all(
    connections.map(async (connection, index) => {
      for (let round = 0; performance.now() - startMs < durationMs; round++) {
        const body = bodyOf(index, round);
        const sentMs = performance.now();
        const status = await connection.post(body);
        latenciesMs.push(performance.now() - sentMs);
        statuses[status] = (statuses[status] ?? 0) + 1;
        const restMs = pauseMs - (performance.now() - sentMs);
        if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
      }
    }),
  );
  const seconds = (performance.now() - startMs) / 1000;
  for (const connection of connections) connection.close();
  return { seconds, statuses, ...percentiles(latenciesMs) };
}

export function percentiles(values) {
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
  return { count: values.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
