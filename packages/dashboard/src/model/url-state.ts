/** Everything the page shows is in its address: this is the one place that reads and writes it. */
export interface UrlState {
  /** Key of the series shown large; null for the overview. */
  readonly series: string | null;
  /** Window that ends now; null when `from` and `to` are given, or to be chosen by the series' own pace. */
  readonly range: RangeName | null;
  /** Seconds since 1970. */
  readonly from: number | null;
  readonly to: number | null;
  /** Time of the sample pointed at. */
  readonly at: number | null;
  readonly table: boolean;
  /** Search text. */
  readonly query: string;
  /** 1, 2, … */
  readonly page: number;
  readonly allAnomalies: boolean;
  readonly utc: boolean;
  /** The models instead of the series. */
  readonly models: boolean;
  /** Whether a large chart goes on into what is expected. */
  readonly forecast: boolean;
}

export const RANGES = {
  '5m': 300,
  '15m': 900,
  '1h': 3600,
  '6h': 21_600,
  '1d': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
} as const;
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

export const START: UrlState = {
  series: null,
  range: null,
  from: null,
  to: null,
  at: null,
  table: false,
  query: '',
  page: 1,
  allAnomalies: false,
  utc: false,
  models: false,
  forecast: true,
};

export function readUrl(search: string): UrlState {
  const params = new URLSearchParams(search);
  const range = params.get('range');
  const from = readTime(params.get('from'));
  const to = readTime(params.get('to'));
  const own = from !== null && to !== null && to > from;
  const page = Number(params.get('page') ?? 1);
  return {
    series: params.get('series') || null,
    range: !own && range !== null && isRange(range) ? range : null,
    from: own ? from : null,
    to: own ? to : null,
    at: readTime(params.get('at')),
    table: params.get('view') === 'table',
    query: params.get('q') ?? '',
    page: Number.isInteger(page) && page > 0 ? page : 1,
    allAnomalies: params.get('anomalies') === 'all',
    utc: params.get('zone') === 'utc',
    models: params.get('show') === 'models',
    forecast: params.get('forecast') !== 'off',
  };
}

/** What the address asks for and cannot have, for a person; null when all of it makes sense. */
export function urlProblem(search: string): string | null {
  const params = new URLSearchParams(search);
  for (const name of ['from', 'to', 'at']) {
    const text = params.get(name);
    if (text !== null && readTime(text) === null) {
      return `“${name}=${text}” is no time: give seconds since 1970, or a date like 2026-03-12T14:00:00Z.`;
    }
  }
  const from = readTime(params.get('from'));
  const to = readTime(params.get('to'));
  if ((from === null) !== (to === null)) {
    return `“${from === null ? 'to' : 'from'}” needs “${from === null ? 'from' : 'to'}” beside it.`;
  }
  if (from !== null && to !== null && to <= from) return '“from” must be earlier than “to”.';
  const range = params.get('range');
  if (range !== null && !isRange(range)) {
    return `There is no range “${range}”: take one of ${RANGE_NAMES.join(', ')}.`;
  }
  return null;
}

function isRange(text: string): text is RangeName {
  return Object.hasOwn(RANGES, text);
}

/** The address of a state; what is as usual is left out. */
export function urlOf(state: UrlState): string {
  const params = new URLSearchParams();
  if (state.models) params.set('show', 'models');
  if (state.series !== null) params.set('series', state.series);
  if (state.from !== null && state.to !== null) {
    params.set('from', writeTime(state.from));
    params.set('to', writeTime(state.to));
  } else if (state.range !== null) params.set('range', state.range);
  if (state.at !== null) params.set('at', writeTime(state.at));
  if (state.table) params.set('view', 'table');
  if (state.query !== '') params.set('q', state.query);
  if (state.page > 1) params.set('page', String(state.page));
  if (state.allAnomalies) params.set('anomalies', 'all');
  if (state.utc) params.set('zone', 'utc');
  if (!state.forecast) params.set('forecast', 'off');
  const text = params.toString();
  return text === '' ? '/' : `/?${text}`;
}

/** Beyond, in the year 5138, dates have no name. */
const SECONDS_MOST = 1e11;

/** Seconds, or RFC 3339. */
function readTime(text: string | null): number | null {
  if (text === null || text.trim() === '') return null;
  const seconds = Number(text);
  const time = Number.isFinite(seconds) ? seconds : Date.parse(text) / 1000;
  return Math.abs(time) <= SECONDS_MOST ? time : null;
}

function writeTime(seconds: number): string {
  return String(Math.round(seconds * 1000) / 1000);
}
