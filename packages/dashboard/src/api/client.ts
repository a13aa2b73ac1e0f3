import type { EvaluateBody, ExplainBody, ForecastBody, ModelsBody } from '@seismo/server/serve/model-schemas';
import type { AnomaliesBody, SamplesBody, SeriesBody, SessionBody } from '@seismo/server/serve/schemas';

/** More series than this are counted and found by a search, but not listed. */
const SERIES_MAX = 2_000;
const FOUND_MAX = 500;
const MODELS_MAX = 10_000;

/** What went wrong, for a person: the server's own sentence where it sent one. */
export class ApiError extends Error {
  readonly status: number;
  readonly hint: string | undefined;

  constructor(status: number, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.hint = hint;
  }

  /** The server could not be reached at all. */
  get isOffline(): boolean {
    return this.status === 0;
  }
}

export function fetchSession(): Promise<SessionBody> {
  return request('/api/session');
}

export function signIn(key: string): Promise<SessionBody> {
  return request('/api/session', { method: 'POST', body: JSON.stringify({ key }) });
}

export function signOut(csrfToken: string | null): Promise<unknown> {
  return request('/api/session', { method: 'DELETE', headers: { 'X-CSRF-Token': csrfToken ?? '' } });
}

export function fetchSeries(): Promise<SeriesBody> {
  return request(`/api/series?limit=${SERIES_MAX}`);
}

/** Those that hold every word of a text, the worst of them. */
export function searchSeries(search: string): Promise<SeriesBody> {
  return request(`/api/series?${new URLSearchParams({ search, limit: String(FOUND_MAX) })}`);
}

/** The one of that key; none in the answer when there is no such series. */
export function fetchOneSeries(series: string): Promise<SeriesBody> {
  return request(`/api/series?${new URLSearchParams({ series })}`);
}

export function fetchSamples(
  query: { series: string; from: number; to: number; points: number },
  signal?: AbortSignal,
): Promise<SamplesBody> {
  const params = new URLSearchParams({
    series: query.series,
    from: String(query.from),
    to: String(query.to),
    points: String(query.points),
  });
  return request(`/api/samples?${params}`, signal === undefined ? {} : { signal });
}

export function fetchAnomalies(query: {
  limit: number;
  alarmsOnly: boolean;
  series: string | null;
  detector?: string;
  /** Seconds. */
  from?: number;
  to?: number;
}): Promise<AnomaliesBody> {
  const params = new URLSearchParams({ limit: String(query.limit) });
  if (query.alarmsOnly) params.set('alarms_only', 'true');
  if (query.series !== null) params.set('series', query.series);
  if (query.detector !== undefined) params.set('detector', query.detector);
  if (query.from !== undefined) params.set('from', String(query.from));
  if (query.to !== undefined) params.set('to', String(query.to));
  return request(`/get_anomalies?${params}`);
}

/** Of one series, or all of them; a bare name stands for every series of that name. */
export function fetchModels(series: string | null): Promise<ModelsBody> {
  const params = new URLSearchParams({ limit: String(MODELS_MAX) });
  if (series !== null) params.set('series', series);
  return request(`/api/models?${params}`);
}

export function fetchForecast(name: string, minutes: number): Promise<ForecastBody> {
  return request(`${pathOf(name)}/forecast?minutes=${minutes}`);
}

/** What the minute that holds `time` was judged by, or else what the model sees in it, in words of that time zone. */
export function fetchExplanation(name: string, time: number, timeZone: string): Promise<ExplainBody> {
  const params = new URLSearchParams({
    ...{ from: String(time), to: String(time), judged: 'true' },
    time_zone: timeZone,
  });
  return request(`${pathOf(name)}/explain?${params}`);
}

export function fetchEvaluation(name: string): Promise<EvaluateBody> {
  return request(`${pathOf(name)}/evaluate`);
}

function pathOf(model: string): string {
  return `/api/models/${encodeURIComponent(model)}`;
}

export async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set('Accept', 'application/json');
  if (init.body !== undefined) headers.set('Content-Type', 'application/json');
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, credentials: 'same-origin' });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'The server does not answer.');
  }
  const text = await response.text();
  const body: unknown = text === '' ? null : parse(text);
  if (response.ok) return body as T;
  const error = (body as { error?: { message?: string; hint?: string } } | null)?.error;
  throw new ApiError(
    response.status,
    error?.message ?? `The server answered ${response.status}.`,
    error?.hint,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
