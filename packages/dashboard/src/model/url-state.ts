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
  /** The SQL page with this statement in its editor; null for another page. */
  readonly sql: string | null;
  /** Whether a large chart goes on into what is expected. */
  readonly forecast: boolean;
  /** What would have been told of the series, instead of what was. */
  readonly backtest: boolean;
  /** The one looked at there, false alarms per week; null for the server's. */
  readonly sensitivity: number | null;
  /** Which way and how far a sample must be off to be told there; null for what the server takes. */
  readonly direction: Direction | null;
  readonly least: number | null;
  readonly leastRelative: number | null;
  /** Labelled stretches, as `writeLabels` writes them. */
  readonly labels: string;
}

export const DIRECTIONS = ['both', 'up', 'down'] as const;
export type Direction = (typeof DIRECTIONS)[number];

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
  sql: null,
  forecast: true,
  backtest: false,
  sensitivity: null,
  direction: null,
  least: null,
  leastRelative: null,
  labels: '',
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
    sql: params.get('show') === 'sql' ? (params.get('sql') ?? '') : null,
    forecast: params.get('forecast') !== 'off',
    backtest: params.get('show') === 'backtest' && Boolean(params.get('series')),
    sensitivity: readSensitivity(params.get('sensitivity')),
    direction: readDirection(params.get('direction')),
    least: readLeast(params.get('least')),
    leastRelative: readLeast(params.get('least_relative')),
    labels: params.get('labels') ?? '',
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
  const sensitivity = params.get('sensitivity');
  if (sensitivity !== null && readSensitivity(sensitivity) === null) {
    return `“sensitivity=${sensitivity}” is no number above 0 and at most 1000.`;
  }
  const limits = limitsProblem(params);
  if (limits !== null) return limits;
  const range = params.get('range');
  if (range !== null && !isRange(range)) {
    return `There is no range “${range}”: take one of ${RANGE_NAMES.join(', ')}.`;
  }
  return null;
}

function limitsProblem(params: URLSearchParams): string | null {
  const direction = params.get('direction');
  if (direction !== null && readDirection(direction) === null) {
    return `There is no direction “${direction}”: take one of ${DIRECTIONS.join(', ')}.`;
  }
  for (const name of ['least', 'least_relative']) {
    const text = params.get(name);
    if (text !== null && readLeast(text) === null) return `“${name}=${text}” is no number of 0 or more.`;
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
  if (state.sql !== null) params.set('show', 'sql');
  if (state.backtest) params.set('show', 'backtest');
  if (state.sql !== null && state.sql !== '' && state.sql.length <= TEXT_MOST) params.set('sql', state.sql);
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
  if (state.backtest) writeSettings(state, params);
  const text = params.toString();
  return text === '' ? '/' : `/?${text}`;
}

/** What a backtest is made with. */
function writeSettings(state: UrlState, params: URLSearchParams): void {
  if (state.sensitivity !== null) params.set('sensitivity', String(state.sensitivity));
  if (state.direction !== null) params.set('direction', state.direction);
  if (state.least !== null) params.set('least', String(state.least));
  if (state.leastRelative !== null) params.set('least_relative', String(state.leastRelative));
  if (state.labels !== '' && state.labels.length <= TEXT_MOST) params.set('labels', state.labels);
}

/** Longer texts are too much for an address. */
const TEXT_MOST = 4000;

/** As the server takes it; null for none or nonsense. */
export function readSensitivity(text: string | null): number | null {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return value > 0 && value <= 1000 ? value : null;
}

/** As the server takes it; null for none or nonsense. */
export function readLeast(text: string | null): number | null {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return value >= 0 && value < Number.POSITIVE_INFINITY ? value : null;
}

export function readDirection(text: string | null): Direction | null {
  return DIRECTIONS.find((one) => one === text) ?? null;
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
