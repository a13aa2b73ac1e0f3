import { fitArimaPlus, forecastArimaPlus, seasonalNaiveScale } from '@seismo/engine';

const HORIZON = 60;
/** Where in each series the history ends. */
const CUTS = [0.5, 0.7, 0.9];

/**
 * The next 60 values of each metric, from three places: absolute errors in units of the mean change from value to
 * value (MASE of season 1), and the share of the values inside the 95% interval. Values off the grid are left out.
 */
export function measureNab(series, forecastMethod) {
  const errors = [];
  const inside = [];
  for (const { timesMs, values } of series) {
    for (const cut of CUTS) {
      const count = Math.floor(cut * values.length);
      const history = values.subarray(0, count);
      const scale = seasonalNaiveScale(history, 1);
      if (scale === 0) continue;
      const { model } = fitArimaPlus(timesMs.subarray(0, count), history, {
        forecastMethod,
        horizon: HORIZON,
      });
      const ahead = forecastArimaPlus(model, { horizon: HORIZON });
      const pairs = paired(ahead.timesMs, timesMs, count);
      if (pairs.length === 0) continue;
      errors.push(mean(pairs.map(([step, row]) => Math.abs(values[row] - ahead.values[step]) / scale)));
      inside.push(
        mean(
          pairs.map(([step, row]) =>
            values[row] >= ahead.lower[step] && values[row] <= ahead.upper[step] ? 1 : 0,
          ),
        ),
      );
    }
  }
  errors.sort((a, b) => a - b);
  const rounded = (value) => Number(value.toFixed(3));
  return {
    FORECAST_METHOD: forecastMethod,
    forecasts: errors.length,
    MASE: rounded(mean(errors)),
    'median MASE': rounded(errors[errors.length >> 1]),
    coverage: rounded(mean(inside)),
  };
}

/** Steps ahead and rows of the same time. */
function paired(aheadMs, timesMs, from) {
  const steps = new Map(Array.from(aheadMs, (timeMs, step) => [timeMs, step]));
  const pairs = [];
  for (let row = from; row < timesMs.length && timesMs[row] <= aheadMs.at(-1); row++) {
    const step = steps.get(timesMs[row]);
    if (step !== undefined) pairs.push([step, row]);
  }
  return pairs;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
