import { poisson, type RandomSource, seededGaussian, seededRandom } from './random-numbers.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Two sources of one seed. */
interface Noise {
  readonly random: RandomSource;
  readonly gaussian: RandomSource;
}

/** Makes the values of one series, one after the other. */
type MakeValues = (noise: Noise) => (timeMs: number) => number;

/**
 * Kinds of series that nothing is wrong with, from the first value to the last: whatever is found in them is a false
 * alarm. Each is stationary, but for the seasons of some and the walk of another.
 */
const MAKERS = {
  /** Independent normal noise of deviation 1. */
  gaussian:
    ({ gaussian }) =>
    () =>
      100 + gaussian(),
  /** Response times: exp(N(0, 0.5²)), skewed to the right. */
  lognormal:
    ({ gaussian }) =>
    () =>
      20 * Math.exp(0.5 * gaussian()),
  /** Heavy tails on both sides: one value of 20,000 lies 25 scales out. */
  'student t3':
    ({ gaussian }) =>
    () => {
      const squares = gaussian() ** 2 + gaussian() ** 2 + gaussian() ** 2;
      return 100 + gaussian() / Math.sqrt(squares / 3);
    },
  /** Events of a second: whole numbers of mean 4. */
  'poisson counts':
    ({ random }) =>
    () =>
      poisson(random, 4),
  /** Per cent that cannot exceed 100, and reach it one time in six. */
  percentages:
    ({ gaussian }) =>
    () =>
      Math.max(0, Math.min(100, 96 + 4 * gaussian())),
  /** First-order autoregression with 0.9 of the value before. */
  'ar(1)': ({ gaussian }) => {
    let around = gaussian() / Math.sqrt(1 - 0.9 * 0.9);
    return () => {
      around = 0.9 * around + gaussian();
      return 100 + around;
    };
  },
  /** A sine of a day, ten times the noise from top to bottom. */
  'daily season':
    ({ gaussian }) =>
    (timeMs) =>
      100 + 5 * Math.sin((2 * Math.PI * timeMs) / DAY_MS) + gaussian(),
  /** The same with a third of the wave at the weekend. */
  'weekly season':
    ({ gaussian }) =>
    (timeMs) =>
      100 + (isWeekend(timeMs) ? 5 / 3 : 5) * (1 - Math.cos((2 * Math.PI * timeMs) / DAY_MS)) + gaussian(),
  /** Noise, and once in an hour a value that is about twenty deviations higher. */
  'hourly job': ({ gaussian }) => {
    let hour = Number.NaN;
    return (timeMs) => {
      const isFirst = Math.floor(timeMs / HOUR_MS) !== hour;
      hour = Math.floor(timeMs / HOUR_MS);
      return 100 + (isFirst ? 20 * (1 + 0.1 * gaussian()) : 0) + gaussian();
    };
  },
  /** A sum of independent steps. */
  'random walk': ({ gaussian }) => {
    let place = 1000;
    return () => {
      place += gaussian();
      return place;
    };
  },
  /** Noise of a sensor that rounds to whole numbers wider than its noise. */
  quantised:
    ({ gaussian }) =>
    () =>
      Math.round(50 + 0.7 * gaussian()),
  /** Quiet noise, and a burst of five values on average after every hundred, of any size around 30. */
  bursty: ({ random, gaussian }) => {
    let height = 0;
    return () => {
      if (height > 0) height = random() < 0.2 ? 0 : height;
      else if (random() < 0.01) height = 30 * Math.exp(0.4 * gaussian());
      return 10 + height + gaussian();
    };
  },
  /** Zeros, and a small count in one value of fifty. */
  sparse:
    ({ random }) =>
    () =>
      random() < 0.02 ? 1 + poisson(random, 1) : 0,
} as const satisfies Record<string, MakeValues>;

function isWeekend(timeMs: number): boolean {
  // 1 January 1970 was a Thursday.
  return Math.floor(timeMs / DAY_MS + 3) % 7 > 4;
}

export type CleanKind = keyof typeof MAKERS;

export const CLEAN_KINDS = Object.keys(MAKERS) as readonly CleanKind[];

/**
 * A series of one kind.
 * @param seed the same values for the same seed
 * @returns `out`, filled: values at startMs, startMs + periodMs, …
 */
export function fillCleanSeries(
  kind: CleanKind,
  seed: number,
  { startMs, periodMs }: { readonly startMs: number; readonly periodMs: number },
  out: Float64Array,
): Float64Array {
  const random = seededRandom(seed);
  const next = MAKERS[kind]({ random, gaussian: seededGaussian(random) });
  for (let row = 0; row < out.length; row++) out[row] = next(startMs + row * periodMs);
  return out;
}
