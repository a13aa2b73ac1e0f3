import { seriesKey } from '../model/series.js';
import type { ServerAddress } from './client-settings.js';
import { bodyOf, keyHeader, request } from './server-client.js';

/** Names asked for in one request, so that the address stays short enough. */
const NAMES_MAX = 50;

/** Series that a server has judged samples of already. */
export interface JudgedSeries {
  /** The one with the newest sample. */
  readonly series: string;
  readonly newestMs: number;
  /** How many of the series asked for are judged, this one included. */
  readonly count: number;
}

interface ListedSeries {
  readonly series: string;
  readonly last: { readonly time: number; readonly state: string } | null;
}

/**
 * Which of the series are past their warm-up: samples older than what they have are stored but not judged.
 * Undefined when none is, or when the server does not say (an older one, or a key that may only write).
 */
export async function findJudged(
  server: ServerAddress,
  names: readonly string[],
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<JudgedSeries | undefined> {
  let found: JudgedSeries | undefined;
  for (let from = 0; from < names.length; from += NAMES_MAX) {
    const keys = names.slice(from, from + NAMES_MAX).map((name) => seriesKey(name, labels));
    for (const { series, last } of await listSeries(server, keys, signal)) {
      if (last === null || (last.state !== 'ok' && last.state !== 'anomalous')) continue;
      const timeMs = Math.round(last.time * 1000);
      const count = (found?.count ?? 0) + 1;
      found =
        found === undefined || timeMs > found.newestMs
          ? { series, newestMs: timeMs, count }
          : { ...found, count };
    }
  }
  return found;
}

async function listSeries(
  server: ServerAddress,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<ListedSeries[]> {
  // A bare name means its labelled series too; only the very ones asked for count.
  const query = new URLSearchParams([
    ...keys.map((key): [string, string] => ['series', key]),
    ['limit', '100000'],
  ]);
  const response = await request(server, `/api/series?${query}`, { headers: keyHeader(server), signal });
  const body = (await bodyOf(response)) as { series?: unknown } | null;
  if (!response.ok || !Array.isArray(body?.series)) return [];
  return (body.series as ListedSeries[]).filter(({ series }) => keys.includes(series));
}
