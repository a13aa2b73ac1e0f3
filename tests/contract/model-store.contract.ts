import type { ModelOptions, ModelRound, ModelStore } from '@seismo/server/ports/model-store';
import { describe, expect, it, onTestFinished } from 'vitest';

const MINUTE_MS = 60_000;
/** Enough for a first model of either. */
const MINUTES = 130;

/** One implementation over samples of its own, by a clock that stands 30 s after a minute began until it is moved. */
export interface ModelBench {
  readonly store: ModelStore;
  nowMs: number;
  /** Has everything judged and trained that is due, however many calls that takes; gives what they said. */
  settle(): Promise<ModelRound[]>;
  /** Stores a sample in each of the minutes up to the one that began `lastMinutesAgo` minutes ago. */
  keep(series: string, values: readonly number[], lastMinutesAgo: number): Promise<void>;
  /** What was found, oldest first. */
  anomalies(): Promise<{ series: string; value: number; alarm: boolean }[]>;
  close(): Promise<void>;
}

interface Learned {
  readonly bench: ModelBench;
  /** The first millisecond of the last minute that it learned. */
  readonly lastMs: number;
}

/** What every ModelStore does, wherever its models are trained. */
export function describeModelStore(name: string, open: () => Promise<ModelBench>): void {
  describe(`models of ${name}`, () => {
    async function learned(series: Readonly<Record<string, readonly number[]>>): Promise<Learned> {
      const bench = await open();
      onTestFinished(() => bench.close());
      for (const [key, values] of Object.entries(series)) await bench.keep(key, values, 1);
      const lastMs = bench.nowMs - 1.5 * MINUTE_MS;
      await bench.settle();
      return { bench, lastMs };
    }

    async function nextMinute(
      bench: ModelBench,
      samples: Readonly<Record<string, number>>,
    ): Promise<ModelRound[]> {
      bench.nowMs += MINUTE_MS;
      for (const [series, value] of Object.entries(samples)) await bench.keep(series, [value], 1);
      return bench.settle();
    }

    it('are listed by series, with what they learned and how long they are good for', async () => {
      const { bench, lastMs } = await learned({ latency: wave(MINUTES), cpu: wave(MINUTES) });
      const models = await bench.store.models();
      expect(models.map(({ series, state }) => [series, state])).toEqual([
        ['cpu', 'trained'],
        ['latency', 'trained'],
      ]);
      for (const { trainedMs, historyFromMs, historyToMs, horizonEndMs } of models) {
        expect(trainedMs).toBeGreaterThan(lastMs);
        expect(historyFromMs).toBe(lastMs - (MINUTES - 1) * MINUTE_MS);
        expect(historyToMs).toBe(lastMs);
        expect(horizonEndMs).toBeGreaterThan(bench.nowMs + 60 * MINUTE_MS);
      }
      expect(bench.store.queue()).toMatchObject({ waiting: 0, running: 0, withoutRoom: 0 });
    });

    it('judge each minute that closes, and tell an anomaly once, however often they are asked', async () => {
      const { bench } = await learned({ latency: wave(MINUTES) });
      await nextMinute(bench, { latency: 10 });
      const rounds = await nextMinute(bench, { latency: 80 });
      await nextMinute(bench, { latency: 81 });
      await nextMinute(bench, { latency: 10 });
      await bench.settle();
      expect(await bench.anomalies()).toEqual([
        { series: 'latency', value: 80, alarm: true },
        { series: 'latency', value: 81, alarm: false },
      ]);
      const detected = rounds
        .flatMap(({ collected }) => collected)
        .filter(({ kind }) => kind === 'detect')
        .map(({ state, anomalies }) => [state, anomalies]);
      expect(detected).toContainEqual(['done', 1]);
    });

    it('skip what is not due, and say why', async () => {
      const { bench } = await learned({ latency: wave(MINUTES) });
      const { started, skipped } = await bench.store.detect();
      expect(started).toEqual([]);
      expect(skipped.find(({ kind }) => kind === 'detect')?.reason).toBe(
        'No minute has closed since the last round.',
      );
    });

    it('forecast the minutes that are ahead, within intervals that widen or stay', async () => {
      const { bench, lastMs } = await learned({ latency: wave(MINUTES) });
      const forecast = await bench.store.forecast({ series: 'latency', minutes: 5 });
      const firstMs = forecast[0]!.timeMs;
      expect(firstMs).toBeGreaterThan(lastMs);
      expect(forecast.map(({ timeMs }) => timeMs)).toEqual(
        [0, 1, 2, 3, 4].map((later) => firstMs + later * MINUTE_MS),
      );
      for (const { expected, lower, upper } of forecast) {
        expect(lower).toBeLessThan(expected);
        expect(upper).toBeGreaterThan(expected);
      }
      expect(await bench.store.forecast({ series: 'nobody', minutes: 5 })).toEqual([]);
    });

    it('forecast from the first minute that has not closed, before any round has seen the others', async () => {
      const { bench } = await learned({ latency: wave(MINUTES) });
      bench.nowMs += 20 * MINUTE_MS;
      const [first] = await bench.store.forecast({ series: 'latency', minutes: 1 });
      expect(first!.timeMs).toBe(bench.nowMs - MINUTE_MS / 2);
    });

    it('explain history by parts that add up to it, and the forecast after it', async () => {
      const { bench, lastMs } = await learned({ latency: wave(MINUTES) });
      const explained = await bench.store.explain({ series: 'latency', minutes: 2 });
      const [ahead] = await bench.store.forecast({ series: 'latency', minutes: 1 });
      expect(explained.map(({ part, timeMs }) => [part, timeMs])).toEqual(
        [-1, 0, 1, 2].map((at) => [at > 0 ? 'forecast' : 'history', lastMs + at * MINUTE_MS]),
      );
      for (const {
        value,
        expected,
        trend,
        seasonal,
        holiday,
        stepChanges,
        spikesAndDips,
        residual,
      } of explained) {
        expect(trend + seasonal + holiday + stepChanges).toBeCloseTo(expected, 9);
        expect(expected + spikesAndDips + residual).toBeCloseTo(value, 6);
      }
      for (const { part, standardError, lower, upper } of explained) {
        expect(standardError).toBeGreaterThan(0);
        expect([lower, upper].map(Number.isNaN)).toEqual(Array(2).fill(part === 'history'));
      }
      expect(explained[2]!.expected).toBeCloseTo(ahead!.expected, 9);
      expect(explained[2]!.lower).toBeCloseTo(ahead!.lower, 5);
      expect(explained[2]!.upper).toBeCloseTo(ahead!.upper, 5);
      expect(await bench.store.explain({ series: 'nobody', minutes: 2 })).toEqual([]);
    });

    it('are evaluated by the minutes that came since their training', async () => {
      const { bench } = await learned({ latency: wave(MINUTES), cpu: wave(MINUTES) });
      expect(await bench.store.evaluate()).toEqual([]);
      await nextMinute(bench, { latency: 11, cpu: 12 });
      const errors = await bench.store.evaluate();
      expect(errors.map(({ series }) => series)).toEqual(['cpu', 'latency']);
      for (const { meanAbsoluteError, meanSquaredError, rootMeanSquaredError } of errors) {
        expect(meanAbsoluteError).toBeGreaterThan(0);
        expect(rootMeanSquaredError).toBeCloseTo(Math.sqrt(meanSquaredError), 9);
      }
      expect((await bench.store.evaluate('cpu')).map(({ series }) => series)).toEqual(['cpu']);
    });

    it('keep FORECAST_LIMIT bounds where each has a model of its own', async () => {
      const { bench, lastMs } = await learned({ latency: wave(MINUTES) });
      if (!bench.store.capabilities.modelPerSeries) return;
      const trained = async (options: ModelOptions) => {
        await bench.store.trainSeries({ series: 'latency', options });
        const [forecast] = await bench.store.forecast({ series: 'latency', minutes: 1 });
        const { timeMs } = forecast!;
        const [explained] = await bench.store.explain({ series: 'latency', fromMs: timeMs, toMs: timeMs });
        for (const name of ['expected', 'lower', 'upper'] as const) {
          expect(forecast![name]).toBeCloseTo(explained![name], 9);
        }
        return forecast!;
      };
      const limits = { forecastLimitUpperBound: 10 };
      const clipped = await trained({ ...limits, forecastLimitMethod: 'clip' });
      expect(clipped.upper).toBe(10);
      const limited = await trained(limits);
      expect(limited.expected).toBeLessThan(10);
      expect(limited.upper).toBeLessThan(10);
      expect(limited.expected - limited.lower).toBeGreaterThan(2 * (limited.upper - limited.expected));
      // Nearer to the limit is as far off as further away from it, and beyond it nothing is expected.
      await nextMinute(bench, { latency: 10.5 });
      await nextMinute(bench, { latency: 9 });
      await bench.settle();
      expect((await bench.anomalies()).map(({ value }) => value)).toEqual([10.5]);
      const judged = { series: 'latency', fromMs: lastMs + MINUTE_MS, toMs: lastMs + 2 * MINUTE_MS };
      for (const { expected, lower, upper } of await bench.store.explainVerdicts(judged)) {
        expect(lower).toBeLessThan(expected);
        expect(upper).toBeLessThan(10);
      }
    });

    it('train one series and take spans where each has a model of its own, and refuse that otherwise', async () => {
      const { bench, lastMs } = await learned({ latency: wave(MINUTES) });
      const span = { series: 'latency', fromMs: lastMs - MINUTE_MS, toMs: lastMs };
      if (bench.store.capabilities.modelPerSeries) {
        expect(await bench.store.trainSeries({ series: 'latency' })).toMatchObject({ state: 'trained' });
        await nextMinute(bench, { latency: 80 });
        const judged = { series: 'latency', fromMs: lastMs, toMs: lastMs + MINUTE_MS };
        const [verdict, ...others] = await bench.store.explainVerdicts(judged);
        expect(others).toEqual([]);
        expect(verdict).toMatchObject({ timeMs: lastMs + MINUTE_MS, value: 80 });
        const { trend, seasons, holiday, stepChanges } = verdict!.parts!;
        const seasonal = Object.values(seasons).reduce((sum, one) => sum + one, 0);
        expect(trend + seasonal + holiday + stepChanges).toBeCloseTo(verdict!.expected, 9);
        expect((await bench.store.explain(span)).map(({ timeMs }) => timeMs)).toEqual([
          span.fromMs,
          span.toMs,
        ]);
        await expect(bench.store.trainSeries({ series: 'nobody' })).rejects.toMatchObject({
          code: 'not_found',
        });
      } else {
        const refused = { code: 'bad_request' };
        await expect(bench.store.trainSeries({ series: 'latency' })).rejects.toMatchObject(refused);
        await expect(bench.store.explain(span)).rejects.toMatchObject(refused);
        await expect(bench.store.minutes(span)).rejects.toMatchObject(refused);
        await expect(bench.store.explainVerdicts(span)).rejects.toMatchObject(refused);
      }
    });
  });
}

function wave(length: number): number[] {
  return Array.from({ length }, (_, i) => 10 + Math.sin(i) + ((i * 7919) % 13) / 13);
}
