import type { ArimaOrder } from '../arima/arima-model.js';
import { filterArima } from '../arima/filter-arima.js';
import { fitArima } from '../arima/fit-arima.js';
import { forecastArima } from '../arima/forecast-arima.js';
import { extrapolateSeason } from '../decomposition/double-exponential-smoothing.js';
import { type MstlOptions, mstl } from '../decomposition/mstl.js';
import type { MemberForecast } from './combined-members.js';
import { toBeContinued } from './seasonal-window.js';

/**
 * What ARIMA_PLUS' own way forecasts from an earlier end of the series: MSTL seasons that are extrapolated, and an ARIMA
 * of the order found for the whole series on the rest. Falls back to a random walk where the rest is too short.
 * Cost: that of MSTL and of one fit. Source: as for {@link mstl}, {@link extrapolateSeason} and {@link fitArima}.
 * @param periods of the seasons found in the whole series, with the window that they were found in
 */
export function seasonalArimaForecast(
  history: Float64Array,
  { periods, seasonalWindow }: Required<Pick<MstlOptions, 'periods' | 'seasonalWindow'>>,
  order: ArimaOrder,
  withConstant: boolean,
  horizon: number,
): MemberForecast {
  const fitting = periods.filter((period) => history.length > 2 * period);
  const rest = history.slice();
  const ahead = new Float64Array(horizon);
  if (fitting.length > 0) {
    const { seasonal, remainder } = mstl(history, { periods: fitting, seasonalWindow });
    for (const [number, { period, values }] of seasonal.entries()) {
      const continued = toBeContinued(values, number, remainder, seasonalWindow);
      const season = extrapolateSeason(continued, { period, horizon });
      for (let step = 0; step < horizon; step++) ahead[step] = ahead[step]! + season[step]!;
      for (let index = 0; index < rest.length; index++) rest[index] = rest[index]! - values[index]!;
    }
  }
  const needed = order.p + order.d + order.q + (withConstant ? 1 : 0) + 2;
  const plain = rest.length < needed;
  const model = plain ? fitArima(rest, { p: 0, d: 1, q: 0 }, false) : fitArima(rest, order, withConstant);
  const { mean, standardErrors } = forecastArima(model, filterArima(rest, model).end, horizon);
  for (let step = 0; step < horizon; step++) mean[step] = mean[step]! + ahead[step]!;
  return { mean, standardErrors };
}
