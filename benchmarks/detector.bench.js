/**
 * Score and learn on one core, by the CPU time used: one series that stays in the cache, and 10,000 series in turn, which do not.
 * POINTS=1000000 makes it shorter.
 */
import { availableParallelism, cpus } from 'node:os';
import process from 'node:process';
import { createVerdict, DETECTORS } from '@seismo/engine';

const POINTS = Number(process.env.POINTS ?? 5_000_000);
const STEP_MS = 1000;
const START_MS = 1_743_465_600_000;
/** Values made beforehand, so that the clock sees the detector alone: a wave, noise, a spike now and then. */
const VALUES = Float64Array.from({ length: 1 << 16 }, (_, index) => {
  const noise = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return 100 + 20 * Math.sin(index / 5000) + 5 * noise + (Math.random() < 0.0005 ? 200 : 0);
});

function measure(create, seriesCount) {
  const detector = create();
  const slots = Array.from({ length: seriesCount }, () => detector.open());
  const verdict = createVerdict();
  const rounds = Math.ceil(POINTS / seriesCount);
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
    detector: detector.name,
    series: seriesCount,
    'points per CPU second': Math.round((rounds * seriesCount) / seconds),
    'bytes/series': seriesCount === 1 ? '' : Math.round(detector.stateBytes / seriesCount),
    anomalies,
  };
}

const rows = DETECTORS.flatMap((create) => [1, 10_000].map((seriesCount) => measure(create, seriesCount)));
console.table(rows);
console.log(
  `one core of ${availableParallelism()} (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}, ${POINTS} points each`,
);
