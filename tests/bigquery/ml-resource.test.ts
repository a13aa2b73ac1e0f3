import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlHarness, madeRows, madeSeries, micros, records, rows } from './support/ml-harness.js';

describe('models as REST shows them', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
    await harness.create('one', madeRows(200), { HORIZON: 20, CLEAN_SPIKES_AND_DIPS: true });
  });
  afterAll(() => harness.close());

  const name = (table: string) => ({ projectId: 'test', dataset: 'ds', table });

  it('tell columns, options and what was fitted', async () => {
    const [order] = records(
      (await harness.call('ARIMA_EVALUATE', 'one', { show_all_candidate_models: false })).rows,
    );
    const [coefficients] = records((await harness.call('ARIMA_COEFFICIENTS', 'one')).rows);
    expect(await harness.ml.get(name('one'))).toMatchObject({
      modelReference: { projectId: 'test', datasetId: 'ds', modelId: 'one' },
      modelType: 'ARIMA_PLUS',
      featureColumns: [{ name: 'ts', type: { typeKind: 'TIMESTAMP' } }],
      labelColumns: [{ name: 'value', type: { typeKind: 'FLOAT64' } }],
      trainingRuns: [
        {
          startTime: expect.stringMatching(/^2026-.*Z$/),
          trainingOptions: {
            horizon: '20',
            cleanSpikesAndDips: true,
            timeSeriesTimestampColumn: 'ts',
            timeSeriesDataColumn: 'value',
          },
          results: [
            {
              arimaResult: {
                arimaModelInfo: [
                  {
                    nonSeasonalOrder: {
                      p: String(order!.non_seasonal_p),
                      d: String(order!.non_seasonal_d),
                      q: String(order!.non_seasonal_q),
                    },
                    arimaCoefficients: {
                      autoRegressiveCoefficients: coefficients!.ar_coefficients,
                      movingAverageCoefficients: coefficients!.ma_coefficients,
                      interceptCoefficient: coefficients!.intercept_or_drift,
                    },
                    arimaFittingMetrics: { aic: order!.AIC, variance: order!.variance },
                    hasDrift: order!.has_drift,
                    seasonalPeriods: order!.seasonal_periods,
                  },
                ],
              },
            },
          ],
        },
      ],
    });
  });

  it('name the series of many', async () => {
    const { timesMs, values } = madeSeries(40);
    const twice = (list: readonly unknown[]) => [...list, ...list];
    const input = rows({
      ts: ['TIMESTAMP', twice(timesMs.map(micros))],
      value: ['FLOAT64', twice(values) as number[]],
      id: ['INT64', [...values.map(() => 1n), ...values.map(() => 2n)]],
    });
    await harness.create('many', input, { TIME_SERIES_ID_COL: 'id' });
    const resource = (await harness.ml.get(name('many'))) as never as {
      featureColumns: { name: string }[];
      trainingRuns: {
        trainingOptions: unknown;
        results: { arimaResult: { arimaModelInfo: { timeSeriesId: string; timeSeriesIds: string[] }[] } }[];
      }[];
    };
    const [run] = resource.trainingRuns;
    const infos = run!.results[0]!.arimaResult.arimaModelInfo;
    expect(infos.map(({ timeSeriesId, timeSeriesIds }) => [timeSeriesId, timeSeriesIds])).toEqual([
      ['1', ['1']],
      ['2', ['2']],
    ]);
    expect(resource.featureColumns.map((column) => column.name)).toEqual(['ts', 'id']);
    expect(run!.trainingOptions).toMatchObject({ timeSeriesIdColumns: ['id'] });
  });

  it('are listed by name, and gone when they are dropped', async () => {
    await harness.create('also', madeRows(30));
    const names = () =>
      harness.ml
        .list('test', 'ds')
        .map(({ modelReference }) => (modelReference as { modelId: string }).modelId);
    expect(names()).toEqual(['also', 'many', 'one']);
    expect(await harness.ml.drop(name('also'))).toBe(true);
    expect(await harness.ml.drop(name('also'))).toBe(false);
    expect(await harness.ml.get(name('also'))).toBeUndefined();
    await harness.ml.dropAll('ds');
    expect(names()).toEqual([]);
    await harness.reopen();
    expect(names()).toEqual([]);
  });

  it('change with their replacement, but for when they were made', async () => {
    await harness.create('again', madeRows(30));
    const before = harness.ml.list('test', 'ds')[0]!;
    await harness.create('again', madeRows(31), {}, true);
    expect(harness.ml.list('test', 'ds')[0]!.creationTime).toBe(before.creationTime);
  });
});
