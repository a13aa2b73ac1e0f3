import {
  fitLaggedRegression,
  forecastLaggedRegression,
  type LaggedRegression,
} from '../autoregression/lagged-regression.js';
import {
  fitSmoothing,
  forecastSmoothing,
  type SmoothingModel,
  type SmoothingOptions,
} from '../exponential-smoothing/fit-smoothing.js';

/** Steps 1 to horizon ahead. */
export interface MemberForecast {
  readonly mean: Float64Array;
  readonly standardErrors: Float64Array;
}

/** One method of the combination, on the values or on their logarithms. */
export interface MemberMethod {
  readonly name: string;
  readonly logarithm: boolean;
  readonly method: 'theta' | 'damped' | 'few lags' | 'many lags';
}

/** A method fitted to a series. Plain numbers. */
export type FittedMember = MemberMethod & {
  /** Of logarithms, how far their forecasts may go: beyond all that there was by as much as that lies apart, or less. */
  readonly bounds: { readonly least: number; readonly most: number } | undefined;
} & (
    | { readonly smoothing: SmoothingModel; readonly regression?: undefined }
    | { readonly regression: LaggedRegression; readonly smoothing?: undefined }
  );

const METHODS = ['theta', 'damped', 'few lags', 'many lags'] as const;
/** On logarithms too where all values are above 0. */
export const MEMBER_METHODS: readonly MemberMethod[] = [false, true].flatMap((logarithm) =>
  METHODS.map((method) => ({ name: logarithm ? `${method}, logarithm` : method, logarithm, method })),
);

const SMOOTHINGS: Readonly<Record<'theta' | 'damped', SmoothingOptions>> = {
  theta: { trend: 'theta', deviation: true },
  damped: { trend: 'damped' },
};
/** Most lags in a row, and values for each of them at least. */
const LAGS_IN_ROW_MAX = 49;
const VALUES_PER_LAG = 10;
const NORMAL_95 = 1.959963984540054;
/** Seasons that a series must have for lags that reach over one. */
const SEASONS_LEAST = 3;
/** Standard errors of logarithms are taken for no larger than this: 95% within seven times up or down. */
const LOGARITHM_ERROR_MAX = 1;
/** And forecasts of logarithms go no further beyond all that there was: about seven times. */
const LOGARITHM_BEYOND_MAX = NORMAL_95 * LOGARITHM_ERROR_MAX;

/**
 * Fits one method. Undefined where the series is too short for it, or its logarithms do not exist.
 * @param before the same method fitted to a part of the series
 */
export function fitMember(
  method: MemberMethod,
  series: Float64Array,
  periods: readonly number[],
  before?: FittedMember,
): FittedMember | undefined {
  if (method.logarithm && !series.every((value) => value > 0)) return undefined;
  const values = method.logarithm ? series.map(Math.log) : series;
  const bounds = method.logarithm ? widened(values) : undefined;
  if (method.method === 'theta' || method.method === 'damped') {
    const options = { ...SMOOTHINGS[method.method], periods };
    return { ...method, bounds, smoothing: fitSmoothing(values, options, before?.smoothing) };
  }
  const long = periods.filter((period) => values.length > SEASONS_LEAST * period);
  const lags = method.method === 'few lags' ? fewLags(long) : manyLags(long, values.length);
  const regression = fitLaggedRegression(values, lags);
  return regression && { ...method, bounds, regression };
}

/**
 * Back on the scale of the series: the mean of logarithms becomes the median, and the standard error that of a normal
 * distribution whose 95% interval is as wide as the one of the logarithms. Growth by a share a step ends somewhere.
 */
export function forecastMember(member: FittedMember, horizon: number): MemberForecast {
  const forecast =
    member.smoothing !== undefined
      ? forecastSmoothing(member.smoothing, horizon)
      : forecastLaggedRegression(member.regression, horizon);
  if (!member.bounds) return forecast;
  const { least, most } = member.bounds;
  const mean = forecast.mean.map((value) => Math.exp(Math.min(most, Math.max(least, value))));
  const standardErrors = forecast.standardErrors.map((error, step) => {
    const bounded = Math.min(error, LOGARITHM_ERROR_MAX);
    return (mean[step]! * Math.sinh(NORMAL_95 * bounded)) / NORMAL_95;
  });
  return { mean, standardErrors };
}

function widened(values: Float64Array) {
  let [low, high] = [values[0]!, values[0]!];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const beyond = Math.min(high - low, LOGARITHM_BEYOND_MAX);
  return { least: low - beyond, most: high + beyond };
}

/** The last three values, and four from each season before. */
function fewLags(periods: readonly number[]): number[] {
  return ascending([1, 2, 3, ...periods.flatMap((period) => [0, 1, 2, 3].map((more) => period + more))]);
}

/** As far as there are enough values: those of two or one of the shortest season, and around a season before. */
function manyLags(periods: readonly number[], values: number): number[] {
  const shortest = periods[0] ?? 0;
  const inRow = [2 * shortest + 1, shortest + 1].find(
    (count) => shortest > 0 && count <= Math.min(LAGS_IN_ROW_MAX, values / VALUES_PER_LAG),
  );
  const row = Array.from({ length: inRow ?? 5 }, (_, index) => index + 1);
  const around = periods.flatMap((period) => [-1, 0, 1, 2].map((more) => period + more));
  return ascending([...row, ...around, ...periods.slice(1).map((period) => period + shortest)]);
}

function ascending(lags: readonly number[]): number[] {
  return [...new Set(lags.filter((lag) => lag > 0))].sort((a, b) => a - b);
}
