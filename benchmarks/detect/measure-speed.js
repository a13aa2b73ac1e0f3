import process from 'node:process';
import { createVerdict } from '@seismo/engine';
import { seededGaussian, seededRandom } from '@seismo/engine/evaluation';

/** So that 500 samples of a series, what 10,000 series in turn get of five million, span more than a day. */
const STEP_MS = 300_000;
const START_MS = 1_743_465_600_000;
/** Values made beforehand, so that the clock sees the detector alone: a wave, noise, a spike now and then. */
const random = seededRandom(1);
const gaussian = seededGaussian(random);
const VALUES = Float64Array.from(
  { length: 1 << 16 },
  (_, index) => 100 + 20 * Math.sin(index / 5000) + 5 * gaussian() + (random() < 0.0005 ? 200 : 0),
);

/** Rows a detector: one series that stays in the cache, and 10,000 in turn, which do not. */
export function measureSpeed(detectors, { points }) {
  return detectors.flatMap((one) => [1, 10_000].map((seriesCount) => measure(one, seriesCount, points)));
}

function measure({ name, create }, seriesCount, points) {
  const detector = create();
  const slots = Array.from({ length: seriesCount }, () => detector.open());
  const verdict = createVerdict();
  const rounds = Math.ceil(points / seriesCount);
  let next = 0;
  let anomalies = 0;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    const timeMs = START_MS + round * STEP_MS;
    for (let index = 0; index < seriesCount; index++) {
      const value = VALUES[next++ & 0xffff];
      detector.score(slots[index], timeMs, value, verdict);
      detector.learn(slots[index], timeMs, value);
      if (verdict.state === 'anomalous') anomalies++;
    }
  }
  const used = process.cpuUsage(before);
  const seconds = (used.user + used.system) / 1e6;
  return {
    detector: name,
    series: seriesCount,
    'points per CPU second': Math.round((rounds * seriesCount) / seconds),
    'bytes/series': seriesCount === 1 ? '' : Math.round(detector.stateBytes / seriesCount),
    anomalies,
  };
}
