import { performance } from 'node:perf_hooks';
import { seededRandom } from '@seismo/engine/evaluation';

const SERIES = 100_000;
/** Past the warm-up. */
const SAMPLES = 70;
const STEP_MS = 60_000;
const TIMES = 5;

/** The state of 100,000 series, and the least of five times that saving and loading it took. */
export function measureState({ name, create }) {
  const detector = create();
  const slots = Array.from({ length: SERIES }, () => detector.open());
  const random = seededRandom(1);
  for (let row = 1; row <= SAMPLES; row++) {
    for (const slot of slots) detector.learn(slot, row * STEP_MS, random());
  }
  let parts = [];
  const saved = leastMs(() => {
    parts = [...detector.save()];
  });
  const loaded = leastMs(() => create().load(parts));
  const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return [
    { detector: name, series: SERIES, MB: Math.round(bytes / 1e6), 'save, ms': saved, 'load, ms': loaded },
  ];
}

function leastMs(work) {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < TIMES; time++) {
    const before = performance.now();
    work();
    least = Math.min(least, performance.now() - before);
  }
  return Math.round(least);
}
