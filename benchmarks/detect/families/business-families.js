import { DAY_MS, dayWave, HOUR_MS, isWeekend, MINUTE_MS } from './series-maker.js';

/** Series of people: traffic, sales, use of power, rides, key figures of services. */
export const BUSINESS_FAMILIES = {
  'web traffic, 1 h': hourlyTraffic,
  'two sines, 1 h': twoSines,
  'three sines, 1 h': (make) => threeSines(make, 0),
  'three sines that change, 1 h': (make) => threeSines(make, make.isClean ? 0 : 1),
  'key figure, 1 min': minuteFigure,
  'key figure, 5 min': fiveMinuteFigure,
  'sales, 1 day': dailySales,
  'power, 15 min': quarterHourPower,
  'rides, 30 min': halfHourRides,
  'visits by day, 1 h': sparseVisits,
  'cars on a road, 5 min': roadCounts,
};

function hourlyTraffic(make) {
  make.begin(1420, HOUR_MS);
  const height = make.oneOf([0.3, 1, 3]);
  const noise = make.oneOf([0.05, 0.15, 0.3]);
  const isHeavy = make.uniform() < 0.5;
  const base = 10 ** make.whole(1, 4);
  let weekend = 0;
  make.fill((_, time) => {
    if (isWeekend(time) && weekend === 0) weekend = 0.6 + 0.5 * make.uniform();
    const day = 1 + height * 0.4 * (1 + dayWave(time));
    const factor = isWeekend(time) ? weekend : 1;
    return base * day * factor * Math.exp(noise * (isHeavy ? make.student() * 0.7 : make.normal()));
  });
  make.spoil(1, 4, 1, 6, () => {
    const factor = make.oneOf([2.5, 3, 4, 0.2]);
    return (value) => value * factor;
  });
}

function twoSines(make) {
  make.begin(1421, HOUR_MS);
  const trend = make.normal() * 0.5;
  const periods = [make.whole(20, 60), make.whole(100, 300)];
  const heights = [100 + 400 * make.uniform(), 100 + 300 * make.uniform()];
  const noise = make.oneOf([5, 20]);
  const sine = (row, index) => heights[index] * Math.sin((2 * Math.PI * row) / periods[index]);
  make.fill((row) => trend * row + sine(row, 0) + sine(row, 1) + noise * make.normal());
  make.spoil(2, 5, 1, 3, () => {
    const by = make.sign() * (400 + 500 * make.uniform());
    return (value) => value + by;
  });
}

/** Half a day, a day and a week; with changes, of level or height, each of which is an anomaly of one row. */
function threeSines(make, changes) {
  make.begin(1680, HOUR_MS, 0.3);
  const trend = make.normal() * 2;
  const heights = [200 + 600 * make.uniform(), 200 + 800 * make.uniform(), 200 + 500 * make.uniform()];
  const noise = make.oneOf([20, 60]);
  const points = changes === 0 ? [] : make.stretches(make.whole(1, 3), () => 1);
  const changedAt = new Set(points.map(({ first }) => first));
  let level = 0;
  make.fill((row) => {
    if (changedAt.has(row)) {
      if (make.uniform() < 0.5) level += make.sign() * (800 + 800 * make.uniform());
      else for (let index = 0; index < 3; index++) heights[index] *= make.oneOf([0.4, 2]);
    }
    const sine = (index, period) => heights[index] * Math.sin((2 * Math.PI * row) / period);
    return trend * row + level + sine(0, 12) + sine(1, 24) + sine(2, 168) + noise * make.normal();
  });
  make.windows.push(...points);
  make.spoil(3, 8, 1, 1, () => (value) => value + make.sign() * (8 * noise + 10 * noise * make.uniform()));
}

function minuteFigure(make) {
  make.begin(20_160, MINUTE_MS, 0.2);
  const base = 10 ** make.whole(1, 4);
  const height = make.oneOf([0.3, 0.6, 0.9]);
  const noise = make.oneOf([0.03, 0.08, 0.15]);
  const spikes = make.oneOf([0, 0.002, 0.01]);
  let slow = 0;
  make.fill((_, time) => {
    slow = 0.8 * slow + make.normal() * noise * 0.6;
    const day = Math.max(0.03, 1 + height * dayWave(time));
    const value = day * Math.exp(slow * 0.7 + noise * 0.7 * make.normal());
    return base * (make.uniform() < spikes ? value * (1 + make.exponential(0.5)) : value);
  });
  make.spoil(3, 7, 3, 60, () => {
    const kind = make.whole(0, 3);
    return (value, row, { first, last }) => {
      if (kind === 0) return value * 0.3;
      if (kind === 1) return value + base * 1.5 * height;
      if (kind === 3) return value + base * (make.uniform() < 0.5 ? 1.5 : 0);
      return value + base * 1.5 * Math.sin(Math.PI * ((row - first) / (last - first + 1) + 0.05));
    };
  });
}

function fiveMinuteFigure(make) {
  make.begin(12_096, 5 * MINUTE_MS, 0.2);
  const base = 10 ** make.whole(1, 4);
  const height = make.oneOf([0.3, 0.6, 0.9]);
  const noise = make.oneOf([0.03, 0.08]);
  let slow = 0;
  make.fill((_, time) => {
    slow = 0.7 * slow + make.normal() * noise * 0.6;
    const day = (1 + height * dayWave(time)) * (isWeekend(time) ? 0.8 : 1);
    const spike = make.uniform() < 0.003 ? 1 + make.exponential(0.4) : 1;
    return base * Math.max(0.03, day) * Math.exp(slow) * spike;
  });
  make.spoil(3, 7, 1, 24, () => {
    const factor = make.oneOf([0.4, 1.6, 2]);
    return (value) => value * factor;
  });
}

function dailySales(make) {
  make.begin(1100, DAY_MS, 0.3);
  const days = [0.7 + 0.5 * make.uniform(), 1, 1, 1, 1.1, 1.4, 1.6];
  const noise = make.oneOf([0.05, 0.1]);
  make.fill((row, time) => {
    const year = (1 + 0.2 * Math.sin((2 * Math.PI * row) / 365)) * (1 + 0.0002 * row);
    return Math.round(1000 * days[new Date(time).getUTCDay()] * year * Math.exp(noise * make.normal()));
  });
  make.spoil(2, 5, 1, 5, () => {
    const factor = make.oneOf([0.2, 0.4, 2]);
    return (value) => value * factor;
  });
}

/** Working days, and three of them that are holidays and no anomalies. */
function quarterHourPower(make) {
  make.begin(11_520, 15 * MINUTE_MS, 0.35);
  const holidays = [make.whole(10, 40), make.whole(50, 80), make.whole(80, 110)];
  const startMs = make.times[0];
  let slow = 0;
  make.fill((_, time) => {
    const isOff = isWeekend(time) || holidays.includes(Math.floor((time - startMs) / DAY_MS));
    const share = (time % DAY_MS) / DAY_MS;
    slow = 0.9 * slow + 0.01 * make.normal();
    const work = (isOff ? 0.15 : 1) * 0.9 * Math.exp(-(((share - 0.55) / 0.17) ** 2));
    return 500 * (1 + work + 0.1 * Math.sin(2 * Math.PI * share) + slow + 0.01 * make.normal());
  });
  make.spoil(2, 5, 2, 40, ({ first }) => {
    const kind = make.whole(0, 2);
    const stuck = make.values[first];
    return (value) => (kind === 0 ? value * 0.4 : kind === 1 ? value + 350 : stuck);
  });
}

function halfHourRides(make) {
  make.begin(10_320, 30 * MINUTE_MS, 0.2);
  make.fill((_, time) => {
    const share = (time % DAY_MS) / DAY_MS;
    const isFree = isWeekend(time);
    const wave = 0.7 * Math.sin(2 * Math.PI * (share - 0.42 + (isFree ? -0.08 : 0)));
    const day = 1 + wave + 0.25 * Math.sin(4 * Math.PI * (share - 0.2));
    return 15_000 * day * (1 + 0.05 * make.normal()) * (isFree ? 1.05 : 1);
  });
  make.spoil(3, 6, 10, 48, () => {
    const factor = make.oneOf([0.5, 0.7, 1.4]);
    return (value) => value * factor;
  });
}

function sparseVisits(make) {
  make.begin(2000, HOUR_MS, 0.3);
  make.fill((_, time) => {
    const hour = new Date(time).getUTCHours();
    return make.poisson((hour > 7 && hour < 20 ? 8 : 0.3) * (isWeekend(time) ? 0.2 : 1));
  });
  make.spoil(2, 4, 1, 8, () => (value) => value + make.poisson(25));
}

function roadCounts(make) {
  make.begin(15_000, 5 * MINUTE_MS, 0.2);
  make.fill((_, time) =>
    make.poisson(Math.max(1, 22 * (1 + 1.1 * dayWave(time)) * (isWeekend(time) ? 0.9 : 1))),
  );
  make.spoil(5, 10, 12, 30, () => (value) => value + make.poisson(18));
}
