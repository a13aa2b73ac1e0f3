/** By the end of a metric's name, as the conventions of Prometheus and OpenTelemetry have it; the longest first. */
const BY_NAME: readonly (readonly [ending: string, unit: string])[] = [
  ['_bytes_per_second', 'B/s'],
  ['_per_second', '/s'],
  ['_milliseconds', 'ms'],
  ['_seconds', 's'],
  ['_percent', '%'],
  ['_celsius', '°C'],
  ['_bytes', 'B'],
  ['_ms', 'ms'],
];
/** What this machine tells of itself is known, whatever its name. */
const OF_HOST: Readonly<Record<string, string>> = { cpu: '%', latency: 'ms' };
/** Quotes within a label's value are escaped in a key, so that no value looks like it. */
const IS_HOST = /[{,]source="host"[,}]/;

/** The unit that a series is in, where its name says so; empty where nobody knows. */
export function unitOf(seriesKey: string): string {
  const name = seriesKey.split('{', 1)[0]!;
  const ofHost = IS_HOST.test(seriesKey) ? OF_HOST[name] : undefined;
  return ofHost ?? BY_NAME.find(([ending]) => name.endsWith(ending))?.[1] ?? '';
}
