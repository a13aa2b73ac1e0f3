import { normalPoint } from '@seismo/engine/normal-distribution';

const HOURS = 24;
const HOUR_MS = 3_600_000;
const WEEK_MS = 604_800_000;
const WARM_UP = 60;
/** Weight of a sample in its hour's mean and variance, and in those of all hours. */
const GAIN = 0.005;
/** So many samples make an hour's mean better than that of all. */
const HOUR_SAMPLES = 10;
const EPSILON = 1e-12;

/** Cells of a slot: count, last time, period, last alarming time, then mean and variance of all, then by hour. */
const F = { COUNT: 0, TIME: 1, PERIOD: 2, ALARMED: 3, ALL: 4 };
const STRIDE = F.ALL + 3 * (HOURS + 1);

/**
 * The plain peer: distance from the mean of the hour of the day in its standard deviations; the limit is what normal
 * noise exceeds as often as asked for. One alarm per stretch without an hour's rest.
 */
export function createSeasonalZScore({ falseAlarmsPerWeek = 1 } = {}) {
  return new SeasonalZScore(falseAlarmsPerWeek);
}

class SeasonalZScore {
  name = 'seasonal z';
  #falseAlarmsPerWeek;
  #cells = new Float64Array(0);
  #free = [];
  #used = 0;
  #limits = new Map();

  constructor(falseAlarmsPerWeek) {
    this.#falseAlarmsPerWeek = falseAlarmsPerWeek;
  }

  get stateBytes() {
    return this.#used * STRIDE * 8;
  }

  open() {
    const slot = this.#free.pop() ?? this.#used++;
    if (this.#used * STRIDE > this.#cells.length) {
      const grown = new Float64Array(Math.max(STRIDE, 2 * this.#cells.length));
      grown.set(this.#cells);
      this.#cells = grown;
    }
    return slot;
  }

  close(slot) {
    this.#cells.fill(0, slot * STRIDE, (slot + 1) * STRIDE);
    this.#free.push(slot);
  }

  lastTimeMs(slot) {
    return this.#cells[slot * STRIDE] === 0 ? Number.NEGATIVE_INFINITY : this.#cells[slot * STRIDE + F.TIME];
  }

  score(slot, timeMs, value, out) {
    const cells = this.#cells;
    const at = slot * STRIDE;
    const known = cells[at] >= WARM_UP && Number.isFinite(value);
    out.state = known ? 'ok' : 'warming_up';
    out.alarm = false;
    out.score = Number.NaN;
    if (!known) return out;
    const group = this.#groupOf(at, timeMs);
    out.expected = cells[group + 1];
    out.score = Math.abs(value - out.expected) / Math.max(Math.sqrt(cells[group + 2]), EPSILON);
    if (!(out.score > this.#limitFor(cells[at + F.PERIOD]))) return out;
    out.state = 'anomalous';
    out.alarm = !(timeMs - cells[at + F.ALARMED] <= Math.max(HOUR_MS, 6 * cells[at + F.PERIOD]));
    return out;
  }

  learn(slot, timeMs, value) {
    if (!Number.isFinite(value)) return;
    const cells = this.#cells;
    const at = slot * STRIDE;
    if (cells[at] >= WARM_UP) {
      const group = this.#groupOf(at, timeMs);
      const away = Math.abs(value - cells[group + 1]) / Math.max(Math.sqrt(cells[group + 2]), EPSILON);
      if (away > this.#limitFor(cells[at + F.PERIOD])) cells[at + F.ALARMED] = timeMs;
    } else cells[at + F.ALARMED] = Number.NEGATIVE_INFINITY;
    if (cells[at] > 0) cells[at + F.PERIOD] ||= timeMs - cells[at + F.TIME];
    cells[at]++;
    cells[at + F.TIME] = timeMs;
    learnGroup(cells, at + F.ALL, value);
    learnGroup(cells, hourOf(at, timeMs), value);
  }

  /** That of the hour once it knows enough, else that of all. */
  #groupOf(at, timeMs) {
    const hour = hourOf(at, timeMs);
    return this.#cells[hour] >= HOUR_SAMPLES ? hour : at + F.ALL;
  }

  #limitFor(periodMs) {
    let limit = this.#limits.get(periodMs);
    if (limit === undefined) {
      limit = normalPoint(Math.max(0, 1 - (this.#falseAlarmsPerWeek * periodMs) / WEEK_MS));
      this.#limits.set(periodMs, limit);
    }
    return limit;
  }
}

function hourOf(at, timeMs) {
  return at + F.ALL + 3 * (1 + (Math.floor(timeMs / HOUR_MS) % HOURS));
}

/** Count, mean and variance, exponential once 1 / count has fallen to the weight. */
function learnGroup(cells, group, value) {
  const gain = Math.max(GAIN, 1 / ++cells[group]);
  const away = value - cells[group + 1];
  cells[group + 1] += gain * away;
  cells[group + 2] = (1 - gain) * (cells[group + 2] + gain * away * away);
}
