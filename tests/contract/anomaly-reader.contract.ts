import type { Anomaly } from '@seismo/server/model/verdict';
import type { AnomalyPosition, AnomalyQuery, AnomalyReader } from '@seismo/server/ports/sample-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anomalyOf, batchOf, lookup, type OpenParts, type PartsFactory } from './store-harness.js';

const T = 1_700_000_000_000;

const GIVEN: readonly Anomaly[] = [
  anomalyOf(1, T, { probability: 0.99 }),
  anomalyOf(12, T + 5, { alarm: true }),
  anomalyOf(1, T + 5, { alarm: true, probability: 0.97 }),
  anomalyOf(1, T + 5, { detector: 'arima_plus', expected: Number.NaN }),
  anomalyOf(3, T + 9, { value: -4, score: 20 }),
  // Before series 3 by its key, whatever its id.
  anomalyOf(12, T, { detector: 'arima_plus' }),
];
const NEWEST_FIRST = [4, 3, 2, 1, 0, 5].map((i) => GIVEN[i]!);

/** What every AnomalyReader promises, on one machine and in the cloud. */
export function describeAnomalyReader(factory: PartsFactory): void {
  describe(`${factory.name} as AnomalyReader`, () => {
    let parts: OpenParts;
    let reader: AnomalyReader;
    beforeEach(async () => {
      parts = await factory.open();
      reader = parts.anomalies;
      await parts.writer.append(batchOf([1, T, 1], [12, T, 2], [3, T, 3]));
      await parts.keepAnomalies(GIVEN);
    });
    afterEach(() => parts.clear());

    it('gives anomalies newest first, then by key of the series, then by detector', async () => {
      expect(await reader.queryAnomalies({ limit: 100 })).toEqual(NEWEST_FIRST);
    });

    it('pages through them without a gap or a repeat', async () => {
      const seen: Anomaly[] = [];
      let after: AnomalyPosition | undefined;
      for (;;) {
        const page = await reader.queryAnomalies({ limit: 2, ...(after === undefined ? {} : { after }) });
        const last = page.at(-1);
        if (last === undefined) break;
        expect(page.length).toBeLessThanOrEqual(2);
        seen.push(...page);
        after = { ...last, series: lookup(last.seriesId).key };
      }
      expect(seen).toEqual(NEWEST_FIRST);
    });

    it('filters by series, label, time, probability, alarm and detector', async () => {
      const ask = async (query: Partial<AnomalyQuery>): Promise<number[]> =>
        (await reader.queryAnomalies({ limit: 100, ...query })).map((found) =>
          GIVEN.findIndex((given) => isSame(given, found)),
        );
      const named = (...names: string[]) => ({ series: { names, labels: [] } });
      const labelled = (...labels: [string, string][]) => ({ series: { names: [], labels } });
      expect(await ask(named('metric_3', 'requests{host="h12"}'))).toEqual([4, 1, 5]);
      expect(await ask(named('requests'))).toEqual([1, 5]);
      expect(await ask(named('request'))).toEqual([]);
      expect(await ask(labelled(['host', 'h12']))).toEqual([1, 5]);
      expect(await ask(labelled(['host', '']))).toEqual([4, 3, 2, 0]);
      expect(await ask(labelled(['host', 'h12'], ['zone', 'a']))).toEqual([]);
      expect(await ask(labelled(['no "name', 'h12']))).toEqual([]);
      expect(await ask({ series: { names: ['metric_1'], labels: [['host', 'h12']] } })).toEqual([]);
      expect(await ask({ fromMs: T + 5, toMs: T + 5 })).toEqual([3, 2, 1]);
      expect(await ask({ minProbability: 0.99 })).toEqual([4, 3, 1, 0, 5]);
      expect(await ask({ alarmsOnly: true })).toEqual([2, 1]);
      expect(await ask({ detector: 'arima_plus' })).toEqual([3, 5]);
      expect(await ask({ detector: 'arima' })).toEqual([]);
      expect(await ask({ alarmsOnly: true, ...named('metric_1'), fromMs: T })).toEqual([2]);
    });
  });
}

function isSame(one: Anomaly, other: Anomaly): boolean {
  return one.timeMs === other.timeMs && one.seriesId === other.seriesId && one.detector === other.detector;
}
