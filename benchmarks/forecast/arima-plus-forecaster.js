import { fitArimaPlus, forecastArimaPlus } from '@seismo/engine';

const HOUR_MS = 3_600_000;
const MONTHS = { MONTHLY: 1, QUARTERLY: 3, YEARLY: 12 };
const HOURS = { HOURLY: 1, WEEKLY: 168 };

/** The collections tell no dates: any that are so far apart will do. */
function timesFor(frequency, length) {
  if (frequency in MONTHS) {
    return Float64Array.from({ length }, (_, index) => Date.UTC(1950, MONTHS[frequency] * index, 1));
  }
  return Float64Array.from({ length }, (_, index) => index * HOURS[frequency] * HOUR_MS);
}

/**
 * ARIMA_PLUS as users call it: times, values and options in, forecast out.
 * @param {import('@seismo/engine').ArimaPlusOptions} options the same for all series
 */
export function arimaPlusForecaster(options) {
  return ({ train, test, frequency }) => {
    const known = frequency ?? 'YEARLY';
    const own = frequency === undefined ? { seasonalities: ['NO_SEASONALITY'] } : {};
    const horizon = test.length;
    const { model, errorMessage } = fitArimaPlus(timesFor(known, train.length), train, {
      ...own,
      ...options,
      frequency: known,
      horizon,
    });
    if (model === undefined) throw new Error(errorMessage);
    const { values, standardErrors } = forecastArimaPlus(model, { horizon });
    return { mean: values, standardErrors };
  };
}
