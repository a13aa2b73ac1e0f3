/** What a model expects at one time of a series, and what it puts that together from. */
export interface ExpectedParts {
  readonly timeMs: number;
  readonly expected: number;
  readonly trend: number;
  /** Effect of each season. */
  readonly seasons: Readonly<
    Partial<Record<'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly', number>>
  >;
  readonly holiday: number;
  /** Sum of the steps until then. */
  readonly stepChanges: number;
}

/**
 * What was expected and why, for a person: `expected 212 ms: trend 180, Monday 09:00 +41, step since 14 March −9`. All
 * numbers of one sentence have the same unit and end at the same digit, the fourth of the largest; parts that are
 * nothing there are left out, and all parts where the trend is not known. Clock and calendar are those of the time
 * zone.
 * @param steps times of those that the model knows, in any order
 * @param timeZone IANA name
 * @param unit of the series, told once; empty where it is not known
 */
export function explanationWords(
  parts: ExpectedParts,
  steps: readonly { readonly timeMs: number }[],
  timeZone: string,
  unit = '',
): string {
  const { expected, trend, holiday, stepChanges } = parts;
  if (!Number.isFinite(expected)) return 'expected: not known';
  if (!Number.isFinite(trend)) return `expected ${withUnit(numberWriter([expected])(expected), unit)}`;
  const others = [
    ...seasonWords(parts, timeZone),
    { name: 'holiday', value: holiday },
    { name: stepWords(parts.timeMs, steps, timeZone), value: stepChanges },
  ];
  const write = numberWriter([expected, trend, ...others.map(({ value }) => value)]);
  const named = others
    .map(({ name, value }) => ({ name, text: write(value) }))
    .filter(({ text }) => text !== '0')
    .map(({ name, text }) => `${name} ${text.startsWith(MINUS) ? text : `+${text}`}`);
  return `expected ${withUnit(write(expected), unit)}: ${[`trend ${write(trend)}`, ...named].join(', ')}`;
}

/** The seasons of the day and the week are one time: `Monday 09:00`. */
function seasonWords({ timeMs, seasons }: ExpectedParts, timeZone: string) {
  const { daily = 0, weekly, ...longer } = seasons;
  const day = weekly === undefined ? '' : `${part(timeMs, timeZone, 'weekday')} `;
  return [
    { name: `${day}${clockTime(timeMs, timeZone)}`, value: daily + (weekly ?? 0) },
    { name: 'day of the month', value: longer.monthly ?? 0 },
    { name: 'time of the quarter', value: longer.quarterly ?? 0 },
    { name: 'time of the year', value: longer.yearly ?? 0 },
  ];
}

/** `step since 14 March`; of today by the clock, of another year with it. */
function stepWords(timeMs: number, steps: readonly { readonly timeMs: number }[], timeZone: string): string {
  const before = steps.filter((step) => step.timeMs <= timeMs).map((step) => step.timeMs);
  const what = before.length > 1 ? `${before.length} steps` : 'step';
  if (before.length === 0) return what;
  const lastMs = Math.max(...before);
  return `${what} ${before.length > 1 ? 'until' : 'since'} ${dateWords(lastMs, timeMs, timeZone)}`;
}

function dateWords(thenMs: number, nowMs: number, timeZone: string): string {
  const day = (timeMs: number) => `${part(timeMs, timeZone, 'day')} ${part(timeMs, timeZone, 'month')}`;
  const year = part(thenMs, timeZone, 'year');
  if (year !== part(nowMs, timeZone, 'year')) return `${day(thenMs)} ${year}`;
  return day(thenMs) === day(nowMs) ? clockTime(thenMs, timeZone) : day(thenMs);
}

function clockTime(timeMs: number, timeZone: string): string {
  return `${part(timeMs, timeZone, 'hour')}:${part(timeMs, timeZone, 'minute')}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function part(timeMs: number, timeZone: string, type: Intl.DateTimeFormatPartTypes): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    // English words in every place, as everything else that is said.
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    if (formats.size >= ZONES_KEPT_MAX) formats.clear();
    formats.set(timeZone, format);
  }
  return format.formatToParts(timeMs).find((one) => one.type === type)?.value ?? '';
}
const ZONES_KEPT_MAX = 50;

const MINUS = '−';
const DIGITS = 4;
const SCALES = [
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1, ''],
] as const;
/** From here up, and below the smallest, digits alone would not be read. */
const PLAIN_MOST = 1e15;
const PLAIN_LEAST = 1e-4;

/** `12.3 GB` of `12.3 G`, `41 %` of `41`. */
function withUnit(text: string, unit: string): string {
  if (unit === '') return text;
  return / [TGM]$/.test(text) ? text + unit : `${text} ${unit}`;
}

/** Writes numbers that stand side by side: the largest with four digits, the others to the same place. */
function numberWriter(values: readonly number[]): (value: number) => string {
  const largest = Math.max(...values.map(Math.abs));
  if (largest === 0) return () => '0';
  const exponent = Math.floor(Math.log10(largest));
  const isPlain = largest >= PLAIN_LEAST && largest < PLAIN_MOST;
  const [scale, unit] = isPlain
    ? (SCALES.find(([least]) => largest >= least) ?? [1, ''])
    : [10 ** exponent, `e${exponent}`];
  const decimals = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(largest / scale) + 1e-9));
  const format = new Intl.NumberFormat('en', { maximumFractionDigits: Math.min(decimals, 20) });
  return (value) => {
    const text = format.format(Math.abs(value) / scale);
    if (text === '0') return text;
    return `${value < 0 ? MINUS : ''}${text}${unit}`;
  };
}
