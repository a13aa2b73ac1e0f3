import { dayWave, MINUTE_MS } from './series-maker.js';

/** Series of sensors: telemetry, heart, breath, temperatures. */
export const SIGNAL_FAMILIES = {
  'telemetry, 1 min': telemetry,
  'heart, 8 ms': heart,
  'breath, 0.1 s': breath,
  'machine temperature, 5 min': machineTemperature,
  'sensor with gaps, 5 min': sensor,
};

/** Levels that are commanded; in an anomaly one that never was, noise, or levels in quick turns. */
function telemetry(make) {
  make.begin(8000, MINUTE_MS, 0.35);
  const levels = [-1, make.uniform() * 0.6 - 0.8, make.uniform() * 0.5, make.uniform() * 0.5 + 0.5];
  const noise = make.oneOf([0, 0.002, 0.02]);
  const stay = make.whole(50, 300);
  let level = levels[0];
  let next = 0;
  make.fill((row) => {
    if (row >= next) {
      level = make.oneOf(levels);
      next = row + Math.ceil(make.exponential(stay)) + 5;
    }
    return level + noise * make.normal();
  });
  make.spoil(1, 3, 60, 400, ({ first }) => {
    const kind = make.whole(0, 2);
    const before = make.values[first - 1];
    return (_, row) => {
      if (kind === 0) return 1.6 + noise * make.normal();
      return kind === 1 ? before + 0.4 * make.normal() : levels[(row >> 2) % 4];
    };
  });
}

const wave = (place, centre, width, height) => height * Math.exp(-(((place - centre) / width) ** 2));
/** A usual beat by its place in it, and those of an anomaly: too early, missing, too broad. */
const usualBeat = (place) =>
  wave(place, 0.2, 0.03, 0.15) +
  wave(place, 0.32, 0.012, -0.15) +
  wave(place, 0.35, 0.014, 1.2) +
  wave(place, 0.385, 0.012, -0.25) +
  wave(place, 0.6, 0.05, 0.3);
const STRANGE_BEATS = [
  (place) => wave(place, 0.3, 0.06, 1.4) + wave(place, 0.5, 0.06, -0.5),
  () => 0,
  (place) => wave(place, 0.35, 0.08, 1.5) + wave(place, 0.6, 0.08, -0.6),
];

function heart(make) {
  make.begin(20_000, 8);
  const usual = make.whole(80, 110);
  const beats = Math.floor(20_000 / usual);
  const strange = new Set();
  if (!make.isClean) {
    while (strange.size < make.whole(2, 5)) strange.add(make.whole(Math.floor(beats * 0.3), beats - 4));
  }
  for (let row = 0, beat = 0; row < 20_000; beat++) {
    const length = Math.round(usual * (1 + 0.03 * make.normal()));
    const kind = strange.has(beat) ? make.whole(0, 2) : -1;
    const end = Math.min(20_000, row + (kind === 0 ? Math.round(length * 0.65) : length));
    const shape = kind < 0 ? usualBeat : STRANGE_BEATS[kind];
    const first = row;
    for (; row < end; row++) make.values[row] = shape((row - first) / length) + 0.03 * make.normal();
    if (kind >= 0) make.windows.push({ first, last: end - 1 });
  }
}

/** In an anomaly none, or twice as deep. */
function breath(make) {
  make.begin(15_000, 100, 0.3);
  const rate = 1 / make.whole(30, 60);
  let phase = 0;
  let depth = 1;
  make.fill((row) => {
    phase += rate * (1 + 0.1 * Math.sin(row / 700));
    depth += 0.002 * (1 - depth) + 0.01 * make.normal() * 0.3;
    return depth * Math.sin(2 * Math.PI * phase) + 0.05 * make.normal();
  });
  make.spoil(2, 4, 100, 300, () => {
    const isNone = make.whole(0, 1) === 0;
    return (value) => (isNone ? 0.05 * make.normal() : value * 2.2);
  });
}

/** Cycles of heating; in an anomaly it falls far, drifts, or does not move. */
function machineTemperature(make) {
  make.begin(12_000, 5 * MINUTE_MS, 0.3);
  const cycle = make.whole(12, 60);
  let temperature = 80;
  let isOn = true;
  let samples = 0;
  let walk = 0;
  make.fill(() => {
    if (++samples > cycle * (1 + 0.1 * make.normal())) {
      isOn = !isOn;
      samples = 0;
    }
    temperature += 0.15 * ((isOn ? 85 : 75) - temperature);
    walk = 0.998 * walk + 0.1 * make.normal();
    return temperature + walk + 0.2 * make.normal();
  });
  make.spoil(1, 3, 50, 300, () => {
    const kind = make.whole(0, 2);
    return (value, row, { first, last }) => {
      const share = (row - first) / (last - first);
      if (kind === 0) return value - 40 * Math.sin(Math.PI * share);
      return kind === 1 ? value + 15 * share : 70 + 0.2 * make.normal();
    };
  });
}

/** Rounded, with a sample in thirty missing; in an anomaly stuck, off, or wild. */
function sensor(make) {
  make.begin(12_000, 5 * MINUTE_MS, 0.3);
  const step = make.oneOf([0.1, 0.5, 1]);
  let walk = 0;
  make.fill((_, time) => {
    walk = 0.995 * walk + 0.05 * make.normal();
    if (make.uniform() < 0.03) return Number.NaN;
    return Math.round((20 + 4 * dayWave(time) + walk + 0.2 * make.normal()) / step) * step;
  });
  make.spoil(2, 5, 1, 100, ({ first }) => {
    const kind = make.whole(0, 2);
    const stuck = make.values[first];
    return (value) => {
      if (kind === 0) return Number.isNaN(stuck) ? 20 : stuck;
      return value + (kind === 1 ? 6 : make.uniform() < 0.4 ? make.normal() * 4 : 0);
    };
  });
}
