import type { Anomaly } from '@seismo/server/model/verdict';
import type { ModelInfo, ModelStore } from '@seismo/server/ports/model-store';
import { expect, onTestFinished, vi } from 'vitest';
import { type ScenarioOptions, ScenarioPipeline, seededRandom } from './scenario-pipeline.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** By this much a minute is over when it counts as closed. */
export const CLOSING_MS = 30_000;

/** A series with a sample in each minute, and the server's clock, moved together. */
export class MinuteScenario {
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
    }, 120_000);
  }

  /** Waits until the series has a model that was trained no earlier than now. */
  async trained(series: string): Promise<ModelInfo> {
    return vi.waitFor(async () => {
      await this.models.train();
      const model = (await this.models.models()).find((one) => one.series === series);
      expect(model).toMatchObject({ state: 'trained', trainedMs: this.scenario.nowMs });
      return model!;
    }, 120_000);
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
