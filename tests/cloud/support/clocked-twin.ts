import { normalPoint } from '@seismo/engine/normal-distribution';
import { minuteThreshold } from '@seismo/server/model/minute-threshold';
import type { AnomaliesBody, AnomalyItem } from '@seismo/server/serve/schemas';
import { expect } from 'vitest';
import { startWholeServer } from '../../blackbox/support/whole-server.js';

/** Of 10,080 minutes a week so many make the threshold 0.9999, which sql/detect-minutes.sql has. */
const FALSE_ALARMS_PER_WEEK = 1.008;
const YEAR_MS = 365 * 86_400_000;

export interface LearnedSpan {
  readonly series: string;
  /** Seconds since 1970 of the first and the last minute. */
  readonly first: number;
  readonly last: number;
}

/**
 * The embedded server with models of minutes, by a clock that stands where it is put: it judges a minute only when that
 * has closed, and learns nothing of those after the clock, so that hours pass in a moment.
 */
export interface ClockedTwin {
  nowMs: number;
  /** POST /metrics. */
  post(items: unknown): Promise<void>;
  /** Trains a model of each of these series on all that is closed; gives the spans that they learned. */
  train(series: readonly string[]): Promise<LearnedSpan[]>;
  /** Waits until every minute that is closed was judged. */
  judgedAll(): Promise<void>;
  /** What was said of each minute with data, oldest first. */
  verdicts(series: string, fromMs: number, toMs: number): Promise<MinuteVerdict[]>;
  /** What ARIMA_PLUS found, newest first. */
  anomalies(): Promise<readonly AnomalyItem[]>;
  stop(): Promise<void>;
}

interface MinuteVerdict {
  readonly timeMs: number;
  readonly value: number;
  readonly isAnomaly: boolean;
  readonly expected: number;
  /** From there to either bound. */
  readonly half: number;
}

export async function startClockedTwin(nowMs: number): Promise<ClockedTwin> {
  const clock = { nowMs };
  const config = { hostMetrics: false, sensitivity: FALSE_ALARMS_PER_WEEK, trainIntervalMs: YEAR_MS };
  const { url, pipeline, stop } = await startWholeServer(config, () => clock.nowMs);
  return {
    get nowMs() {
      return clock.nowMs;
    },
    set nowMs(nowMs) {
      clock.nowMs = nowMs;
    },
    async post(items) {
      const { rejected } = (await send(`${url}/metrics`, items)) as { rejected?: number };
      expect(rejected ?? 0).toBe(0);
    },
    async train(series) {
      // The first round notes where judging begins.
      await judgedAll();
      const learned: LearnedSpan[] = [];
      for (const name of series) {
        const model = (await send(`${url}/api/models/${encodeURIComponent(name)}/train`, {})) as Trained;
        learned.push({ series: model.series, first: model.history_from, last: model.history_to });
      }
      return learned;
    },
    judgedAll,
    async verdicts(series, fromMs, toMs) {
      const width = normalPoint(minuteThreshold(FALSE_ALARMS_PER_WEEK));
      return (await pipeline.models!.minutes({ series, fromMs, toMs }))
        .filter(({ state }) => state !== 'no_data')
        .map(({ timeMs, value, expected, standardError, state }) => ({
          ...{ timeMs, value, expected },
          isAnomaly: state === 'anomalous',
          half: width * standardError,
        }));
    },
    async anomalies() {
      const answer = await fetch(`${url}/get_anomalies?limit=1000&detector=arima_plus`);
      return ((await answer.json()) as AnomaliesBody).anomalies;
    },
    stop,
  };

  async function judgedAll(): Promise<void> {
    const { models } = pipeline;
    await expect
      .poll(async () => (await models!.detect()).skipped.map(({ reason }) => reason))
      .toContain('No minute has closed since the last round.');
  }
}

interface Trained {
  readonly series: string;
  readonly history_from: number;
  readonly history_to: number;
}

async function send(url: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}
