import type { Anomaly } from '@seismo/server/model/verdict';
import type { ModelInfo, ModelStore } from '@seismo/server/ports/model-store';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ScenarioOptions, ScenarioPipeline, seededRandom } from './support/scenario-pipeline.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** By this much a minute is over when it counts as closed. */
const CLOSING_MS = 30_000;

/** A series with a sample in each minute, and the server's clock, moved together. */
class MinuteScenario {
  readonly #random = seededRandom(7);

  private constructor(readonly scenario: ScenarioPipeline) {}

  static async open(options: ScenarioOptions = {}): Promise<MinuteScenario> {
    const scenario = await ScenarioPipeline.open(options);
    onTestFinished(() => scenario.end());
    scenario.nowMs = Math.floor(scenario.nowMs / HOUR_MS) * HOUR_MS + CLOSING_MS;
    return new MinuteScenario(scenario);
  }

  get models(): ModelStore {
    return this.scenario.pipeline.models!;
  }

  /** The first millisecond of the minute that began so many minutes before the one under way. */
  minuteMs(minutesAgo: number): number {
    return this.scenario.nowMs - CLOSING_MS - minutesAgo * MINUTE_MS;
  }

  noise(): number {
    return this.#random() + this.#random() + this.#random() - 1.5;
  }

  /** A sample of each series in a minute that is over. */
  async send(samples: Readonly<Record<string, number>>, minutesAgo = 1, second = 10): Promise<void> {
    const timestamp = this.minuteMs(minutesAgo) / 1000 + second;
    await this.scenario.send([{ timestamp, ...samples }]);
  }

  /** Such samples for so many minutes, up to now. */
  async history(
    minutes: number,
    of: (minutesAgo: number) => Readonly<Record<string, number>>,
  ): Promise<void> {
    const items = [];
    for (let ago = minutes; ago > 0; ago--) {
      items.push({ timestamp: this.minuteMs(ago) / 1000 + 10, ...of(ago) });
    }
    await this.scenario.send(items);
  }

  /** A minute later: its samples, then a round. */
  async next(samples: Readonly<Record<string, number>> = {}): Promise<void> {
    this.scenario.nowMs += MINUTE_MS;
    if (Object.keys(samples).length > 0) await this.send(samples);
    await this.judgedAll();
  }

  /** Waits until every closed minute is judged. */
  async judgedAll(): Promise<void> {
    await vi.waitFor(async () => {
      const { skipped } = await this.models.detect();
      expect(skipped[0]?.reason).toMatch(/^No minute has closed/);
    }, 20_000);
  }

  /** Waits until the series has a model that was trained no earlier than now. */
  async trained(series: string): Promise<ModelInfo> {
    return vi.waitFor(async () => {
      await this.models.train();
      const model = (await this.models.models()).find((one) => one.series === series);
      expect(model).toMatchObject({ state: 'trained', trainedMs: this.scenario.nowMs });
      return model!;
    }, 20_000);
  }

  /** value, alarm and review of each anomaly of the minutes, oldest first. */
  async found(
    series: string,
  ): Promise<(readonly [value: number, alarm: boolean, review: Anomaly['review']])[]> {
    const anomalies = await this.scenario.pipeline.store.queryAnomalies({
      limit: 1000,
      series: { names: [series], labels: [] },
    });
    return anomalies
      .filter(({ detector }) => detector === 'arima_plus')
      .reverse()
      .map(({ value, alarm, review }) => [Math.round(value), alarm, review]);
  }

  /** The states of the last minutes, oldest first. */
  async states(series: string, minutes: number): Promise<string[]> {
    const judged = await this.models.minutes({
      series,
      fromMs: this.minuteMs(minutes),
      toMs: this.minuteMs(1),
    });
    return judged.map(({ state }) => state);
  }
}

describe('models of minutes', () => {
  it('learn a series with two hours of data, judge each minute that closes, and find an anomaly once', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    const model = await run.trained('latency');
    expect(model).toMatchObject({
      name: 'latency',
      historyFromMs: run.minuteMs(180),
      historyToMs: run.minuteMs(1),
      horizonEndMs: run.minuteMs(1) + 1000 * MINUTE_MS,
    });

    await run.next({ latency: 10.2 });
    await run.next({ latency: 100 });
    await run.next({ latency: 101 });
    await run.next({ latency: 9.9 });
    const twice = [
      [100, true, undefined],
      [101, false, undefined],
    ];
    expect(await run.found('latency')).toEqual(twice);
    expect(await run.states('latency', 4)).toEqual(['ok', 'anomalous', 'anomalous', 'ok']);

    await run.scenario.restart();
    await run.judgedAll();
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual(twice);
    expect((await run.models.models()).map(({ trainedMs }) => trainedMs)).toEqual([model.trainedMs]);
  });

  it('know a lasting step once they are trained again: anomalies stop by themselves', async () => {
    const run = await MinuteScenario.open();
    await run.history(240, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    for (let minute = 0; minute < 60; minute++) await run.next({ latency: 40 + run.noise() });
    expect(await run.states('latency', 60)).toEqual(new Array(60).fill('anomalous'));
    expect((await run.found('latency')).filter(([, alarm]) => alarm)).toHaveLength(1);

    const { stepChanges } = await run.trained('latency');
    expect(stepChanges).toHaveLength(1);
    expect(stepChanges![0]!.timeMs).toBe(run.minuteMs(60));
    expect(stepChanges![0]!.size).toBeCloseTo(30, -0.5);
    for (let minute = 0; minute < 20; minute++) await run.next({ latency: 40 + run.noise() });
    expect(await run.states('latency', 20)).toEqual(new Array(20).fill('ok'));
    const [minute] = await run.models.explain({
      series: 'latency',
      fromMs: run.minuteMs(1),
      toMs: run.minuteMs(1),
    });
    expect(minute).toMatchObject({ part: 'forecast', timeMs: run.minuteMs(1) });
    expect(minute!.stepChanges).toBeCloseTo(30, -0.5);
  });

  it('take an anomaly back, or confirm it, by samples that come late, and find one that only those show', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    await run.next({ latency: 20 });
    await run.next({ latency: 50 });
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([
      [20, true, undefined],
      [50, false, undefined],
    ]);

    // The rest of the three minutes comes late.
    await run.send({ latency: 0 }, 3, 20);
    await run.send({ latency: 48 }, 2, 20);
    await run.send({ latency: 90 }, 1, 20);
    // And once more, which changes nothing.
    await run.next({ latency: 10 });
    await run.send({ latency: 0 }, 4, 20);
    await run.next({ latency: 10 });
    const reviewed = [
      [20, true, 'withdrawn'],
      [49, true, 'confirmed'],
      [50, false, undefined],
    ];
    expect(await run.found('latency')).toEqual(reviewed);
    expect(await run.states('latency', 5)).toEqual(['ok', 'anomalous', 'anomalous', 'ok', 'ok']);
    await run.scenario.restart();
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual(reviewed);
  });

  it('alarm once of an excursion whose samples all come late', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    for (let minute = 0; minute < 6; minute++) await run.next();
    // One of the minutes has no data at all.
    const timestamps = [6, 5, 4, 3, 1].map((ago) => run.minuteMs(ago) / 1000 + 10);
    const latencies = [10, 60, 61, 62, 63];
    await run.scenario.send(
      timestamps.map((timestamp, index) => ({ timestamp, latency: latencies[index]! })),
    );
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([
      [60, true, undefined],
      [61, false, undefined],
      [62, false, undefined],
      [63, false, undefined],
    ]);
  });

  it('keep a minute without data as such, until its data come', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise(), cpu: 50 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    await run.trained('cpu');
    await run.next({ latency: 10 });
    await run.next();
    await run.next({ latency: 10, cpu: 50 });
    expect(await run.states('cpu', 3)).toEqual(['no_data', 'no_data', 'ok']);
    expect(await run.states('latency', 3)).toEqual(['ok', 'no_data', 'ok']);
    expect(await run.found('cpu')).toEqual([]);
    await run.send({ cpu: 51 }, 3);
    await run.send({ cpu: 500 }, 2);
    await run.next({ cpu: 50 });
    expect(await run.states('cpu', 4)).toEqual(['ok', 'anomalous', 'ok', 'ok']);
    expect(await run.found('cpu')).toEqual([[500, true, undefined]]);
  });

  it('judge the minutes that passed while the server was away, each once', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    await run.next({ latency: 10 });
    await run.scenario.pipeline.stop();
    run.scenario.nowMs += 90 * MINUTE_MS;
    await run.scenario.start();
    await run.history(60, (ago) => ({ latency: ago === 30 ? 99 : 10 + run.noise() }));
    await run.judgedAll();
    await run.next({ latency: 10 });
    const states = await run.states('latency', 91);
    expect(states.slice(0, 30)).toEqual(new Array(30).fill('no_data'));
    expect(states.slice(30).filter((state) => state === 'anomalous')).toHaveLength(1);
    expect(states).toHaveLength(91);
    expect(await run.found('latency')).toEqual([[99, true, undefined]]);
  });

  it('are trained before their forecast ends, whatever the interval, and only while there is something new', async () => {
    const run = await MinuteScenario.open({ config: { trainIntervalMs: 30 * 24 * HOUR_MS } });
    await run.history(180, () => ({ latency: 10 + run.noise(), gone: 5 + run.noise() }));
    await run.judgedAll();
    const first = await run.trained('latency');
    await run.trained('gone');
    expect(first.nextTrainingMs).toBe(first.horizonEndMs! - HOUR_MS);

    run.scenario.nowMs = first.nextTrainingMs! + CLOSING_MS;
    await run.history(938, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    const second = await run.trained('latency');
    expect(second.horizonEndMs! - first.horizonEndMs!).toBeGreaterThan(900 * MINUTE_MS);
    const gone = (await run.models.models()).find(({ series }) => series === 'gone')!;
    expect(gone.trainedMs).toBe(first.trainedMs);
    expect(gone.nextTrainingMs).toBeUndefined();
  });

  it('wait for enough history and say so, and leave out what comes less often than each minute', async () => {
    const run = await MinuteScenario.open();
    await run.history(60, () => ({ young: 10 + run.noise() }));
    await run.scenario.send(
      Array.from({ length: 300 }, (_, i) => ({
        timestamp: run.minuteMs(1500 - 5 * i) / 1000,
        sparse: i % 7,
      })),
    );
    await run.judgedAll();
    await vi.waitFor(async () => {
      await run.models.train();
      expect(await run.models.models()).toMatchObject([
        {
          series: 'sparse',
          state: 'waiting',
          error: expect.stringMatching(/less often .* 300 of the 1,496 minutes/),
        },
        { series: 'young', state: 'waiting', error: expect.stringMatching(/needs 120 minutes .* 60\./) },
      ]);
    }, 20_000);
  });

  it('go to as many series as there is room for, first to those that raised alarms', async () => {
    const run = await MinuteScenario.open({ config: { modelsMax: 2 } });
    await run.history(200, (ago) => ({
      long: 10 + run.noise(),
      ...(ago <= 150 ? { middle: 10 + run.noise() } : {}),
      ...(ago <= 130 ? { wild: ago === 3 ? 1e6 : 10 + run.noise() } : {}),
    }));
    await run.scenario.judgedAll();
    await run.judgedAll();
    await run.trained('wild');
    await run.trained('long');
    expect((await run.models.models()).map(({ series }) => series)).toEqual(['long', 'wild']);
    expect(run.models.queue()).toMatchObject({ waiting: 0, running: 0, withoutRoom: 1 });
  });

  it('are trained at once where somebody asks, with options that last, and refuse wrong ones', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    const options = { seasonalities: ['NO_SEASONALITY'], horizon: 300 };
    const asked = await run.models.trainSeries({ series: 'latency', options });
    expect(asked).toMatchObject({
      state: 'trained',
      options,
      horizonEndMs: run.minuteMs(1) + 300 * MINUTE_MS,
    });
    await expect(
      run.models.trainSeries({ series: 'latency', options: { horizon: 20_000 } }),
    ).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/HORIZON .* from 1 to 10000/),
    });
    await expect(run.models.trainSeries({ series: 'latencies' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await run.scenario.restart();
    expect(await run.models.models()).toMatchObject([{ state: 'trained', options }]);
    expect(await run.models.forecast({ series: 'latency', minutes: 1000 })).toHaveLength(300);
  });
});
