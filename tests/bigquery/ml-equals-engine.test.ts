import {
  type ArimaPlusModel,
  arimaCoefficients,
  arimaEvaluate,
  detectArimaPlusAnomalies,
  evaluateArimaPlus,
  evaluateArimaPlusRows,
  explainArimaPlusForecast,
  fitArimaPlus,
  forecastArimaPlus,
} from '@seismo/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MINUTE_MS,
  MlHarness,
  madeRows,
  madeSeries,
  madeValues,
  micros,
  records,
  rows,
  START_MS,
} from './support/ml-harness.js';

const COUNT = 600;
const HORIZON = 60;

const nullable = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);

describe('models of SQL answer as the engine does, row by row', () => {
  let harness: MlHarness;
  let model: ArimaPlusModel;

  beforeAll(async () => {
    harness = await new MlHarness().open();
    const { timesMs, values } = madeSeries(COUNT);
    model = fitArimaPlus(Float64Array.from(timesMs), Float64Array.from(values), { horizon: HORIZON }).model!;
    await harness.create('one', madeRows(COUNT), { HORIZON });
  });
  afterAll(() => harness.close());

  it('forecasts', async () => {
    const { rows: found } = await harness.call('FORECAST', 'one', { horizon: 12, confidence_level: 0.8 });
    const expected = forecastArimaPlus(model, { horizon: 12, confidenceLevel: 0.8 });
    expect(records(found)).toEqual(
      Array.from(expected.timesMs, (timeMs, at) => ({
        forecast_timestamp: timeMs * 1000,
        forecast_value: expected.values[at],
        standard_error: expected.standardErrors[at],
        confidence_level: 0.8,
        prediction_interval_lower_bound: expected.lower[at],
        prediction_interval_upper_bound: expected.upper[at],
        confidence_interval_lower_bound: expected.lower[at],
        confidence_interval_upper_bound: expected.upper[at],
      })),
    );
  });

  it('judges the history', async () => {
    const { rows: found } = await harness.call('DETECT_ANOMALIES', 'one', { anomaly_prob_threshold: 0.9 });
    const expected = detectArimaPlusAnomalies(model, { anomalyProbThreshold: 0.9 });
    expect(records(found)).toEqual(
      Array.from(expected.timesMs, (timeMs, at) => ({
        ts: timeMs * 1000,
        value: nullable(expected.values[at]),
        is_anomaly: expected.isAnomaly[at]! < 0 ? null : expected.isAnomaly[at] === 1,
        lower_bound: nullable(expected.lower[at]),
        upper_bound: nullable(expected.upper[at]),
        anomaly_probability: nullable(expected.probability[at]),
      })),
    );
    expect(expected.isAnomaly).toContain(1);
  });

  it('judges rows that come', async () => {
    const timesMs = Float64Array.from({ length: 40 }, (_, at) => START_MS + (COUNT + at) * MINUTE_MS);
    const values = Float64Array.from(madeValues(40, { seed: 5 }));
    values[7] = 40;
    const input = rows({ ts: ['TIMESTAMP', Array.from(timesMs, micros)], value: ['FLOAT64', values] });
    const { rows: found } = await harness.call(
      'DETECT_ANOMALIES',
      'one',
      { anomaly_prob_threshold: 0.99 },
      input,
    );
    const expected = detectArimaPlusAnomalies(model, { anomalyProbThreshold: 0.99 }, { timesMs, values });
    expect(records(found)).toEqual(
      Array.from(timesMs, (timeMs, at) => ({
        ts: micros(timeMs),
        value: values[at],
        is_anomaly: expected.isAnomaly[at] === 1,
        lower_bound: expected.lower[at],
        upper_bound: expected.upper[at],
        anomaly_probability: expected.probability[at],
      })),
    );
    expect(expected.isAnomaly[7]).toBe(1);
  });

  it('evaluates', async () => {
    const timesMs = Float64Array.from({ length: 80 }, (_, at) => START_MS + (COUNT + at - 10) * MINUTE_MS);
    const values = Float64Array.from(madeValues(80, { seed: 9 }));
    const input = rows({ ts: ['TIMESTAMP', Array.from(timesMs, micros)], value: ['FLOAT64', values] });
    const whole = await harness.call('EVALUATE', 'one', {}, input);
    expect(records(whole.rows)).toEqual([evaluateArimaPlus(model, { timesMs, values })]);
    const settings = { perform_aggregation: false, confidence_level: 0.5 };
    const single = await harness.call('EVALUATE', 'one', settings, input);
    const expected = evaluateArimaPlusRows(model, { timesMs, values }, 0.5);
    expect(expected.values.length).toBe(HORIZON);
    expect(records(single.rows)).toEqual(
      Array.from(expected.timesMs, (timeMs, at) => ({
        ts: timeMs * 1000,
        value: expected.values[at],
        forecasted_value: expected.forecasts[at],
        lower_bound: expected.lower[at],
        upper_bound: expected.upper[at],
        absolute_error: expected.absoluteErrors[at],
        absolute_percentage_error: expected.absolutePercentageErrors[at],
      })),
    );
    const near = await harness.call('EVALUATE', 'one', { ...settings, horizon: 5 }, input);
    expect(records(near.rows)).toEqual(records(single.rows).slice(0, 5));
  });

  it('lists orders and coefficients', async () => {
    const all = await harness.call('ARIMA_EVALUATE', 'one');
    expect(records(all.rows)).toEqual(arimaEvaluate(model, true));
    const best = await harness.call('ARIMA_EVALUATE', 'one', { show_all_candidate_models: false });
    expect(records(best.rows)).toEqual(arimaEvaluate(model, false));
    const { rows: evaluated } = await harness.call('EVALUATE', 'one');
    expect(records(evaluated).map((row) => ({ ...row, error_message: '' }))).toEqual(
      arimaEvaluate(model, false),
    );
    expect(evaluated.columns.map(({ name }) => name)).not.toContain('error_message');
    const coefficients = await harness.call('ARIMA_COEFFICIENTS', 'one');
    expect(records(coefficients.rows)).toEqual([arimaCoefficients(model)]);
  });

  it('explains', async () => {
    const { rows: found } = await harness.call('EXPLAIN_FORECAST', 'one', {
      horizon: 4,
      confidence_level: 0.9,
    });
    const expected = explainArimaPlusForecast(model, { horizon: 4, confidenceLevel: 0.9 });
    const season = (name: keyof typeof expected.seasonal, at: number) =>
      nullable(expected.seasonal[name]?.[at]);
    expect(records(found)).toEqual(
      Array.from(expected.timesMs, (timeMs, at) => ({
        time_series_timestamp: timeMs * 1000,
        time_series_type: at < expected.historyLength ? 'history' : 'forecast',
        time_series_data: expected.values[at],
        time_series_adjusted_data: expected.adjustedValues[at],
        standard_error: expected.standardErrors[at],
        confidence_level: at < expected.historyLength ? null : 0.9,
        prediction_interval_lower_bound: nullable(expected.lower[at]),
        prediction_interval_upper_bound: nullable(expected.upper[at]),
        trend: expected.trend[at],
        seasonal_period_yearly: season('YEARLY', at),
        seasonal_period_quarterly: season('QUARTERLY', at),
        seasonal_period_monthly: season('MONTHLY', at),
        seasonal_period_weekly: season('WEEKLY', at),
        seasonal_period_daily: season('DAILY', at),
        holiday_effect: expected.holidayEffect[at],
        spikes_and_dips: expected.spikesAndDips[at],
        step_changes: expected.stepChanges[at],
        residual: nullable(expected.residual[at]),
      })),
    );
  });

  it('answers the same after a restart', async () => {
    const before = await harness.call('FORECAST', 'one', { horizon: HORIZON });
    await harness.reopen();
    expect(await harness.call('FORECAST', 'one', { horizon: HORIZON })).toEqual(before);
  });
});
