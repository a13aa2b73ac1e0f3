import { createVerdict, type StreamingDetector } from '@seismo/engine';
import { CLEAN_KINDS, fillCleanSeries } from '@seismo/engine/evaluation';
import { expect, it } from 'vitest';
import { describeEachDetector } from './support/run-detector.js';
import { DAY, MINUTE, START, WEEK } from './support/streams.js';

const SEEDS = [81, 82, 83, 84, 85, 86, 87, 88];

/** Of the judged samples of clean series, the share with a probability above each of these. */
function sharesAbove(
  create: () => StreamingDetector,
  kind: (typeof CLEAN_KINDS)[number],
  periodMs: number,
  lengthMs: number,
  probabilities: readonly number[],
): number[] {
  const verdict = createVerdict();
  const above = probabilities.map(() => 0);
  let judged = 0;
  for (const seed of SEEDS) {
    const values = new Float64Array(lengthMs / periodMs);
    fillCleanSeries(kind, seed, { startMs: START, periodMs }, values);
    const detector = create();
    const slot = detector.open();
    for (const [index, value] of values.entries()) {
      const timeMs = START + index * periodMs;
      detector.score(slot, timeMs, value, verdict);
      detector.learn(slot, timeMs, value);
      if (verdict.state === 'warming_up') continue;
      if (verdict.state === 'anomalous') expect(verdict.probability).toBeGreaterThan(0.9);
      judged++;
      for (const [at, probability] of probabilities.entries()) {
        if (verdict.probability > probability) above[at]!++;
      }
    }
  }
  return above.map((count) => count / judged);
}

describeEachDetector('the probability', (create) => {
  it.each(
    CLEAN_KINDS.flatMap((kind) => [[kind, MINUTE, WEEK] as const, [kind, 5 * MINUTE, 28 * DAY] as const]),
  )('of a clean series means what it says: %s (period %d ms)', (kind, periodMs, lengthMs) => {
    const [percent = 0, permille = 0] = sharesAbove(create, kind, periodMs, lengthMs, [0.99, 0.999]);
    // Surprises come in runs: those of a random walk at five minutes make shares of 0.4% to 6% in single series.
    // A job leaves wide what views had learned before it was known.
    expect(percent).toBeGreaterThan(kind === 'hourly job' ? 0 : 0.004);
    expect(percent).toBeLessThan(0.025);
    expect(permille).toBeLessThan(0.003);
  });
});
