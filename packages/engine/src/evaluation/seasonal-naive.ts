/** Steps 1 to horizon ahead. */
export interface NaiveForecast {
  readonly mean: Float64Array;
  /** Standard deviations of the forecast errors; growing with every season ahead. */
  readonly standardErrors: Float64Array;
}

/**
 * The forecast that any other has to beat: the last season again and again. The standard error of step h is
 * σ √(⌊(h − 1) / season⌋ + 1), with σ² the mean squared change from season to season. A history no longer than a
 * season repeats what there is, with errors from its steps. Cost: one pass and the horizon.
 * Source: Hyndman & Athanasopoulos (2021), "Forecasting: principles and practice", sections 5.2 and 5.5.
 * @param history finite, oldest first, not empty
 * @param season values in one, a whole number from 1; 1 repeats the last value
 * @param horizon a whole number from 1
 * @throws RangeError if history is empty, or season or horizon is not a whole number from 1
 */
export function seasonalNaive(history: Float64Array, season: number, horizon: number): NaiveForecast {
  if (history.length === 0) throw new RangeError('a forecast needs a history');
  for (const [name, value] of Object.entries({ season, horizon })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name} is a whole number from 1, not ${value}`);
    }
  }
  const lag = history.length > season ? season : 1;
  let squares = 0;
  for (let index = lag; index < history.length; index++) {
    squares += (history[index]! - history[index - lag]!) ** 2;
  }
  const deviation = Math.sqrt(squares / Math.max(1, history.length - lag));
  const last = history.subarray(history.length - lag);
  const mean = new Float64Array(horizon);
  const standardErrors = new Float64Array(horizon);
  for (let step = 0; step < horizon; step++) {
    mean[step] = last[step % lag]!;
    standardErrors[step] = deviation * Math.sqrt(Math.floor(step / lag) + 1);
  }
  return { mean, standardErrors };
}
