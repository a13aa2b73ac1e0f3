import {
  addEvents,
  precisionRecallArea,
  replaySeries,
  scoreEvents,
  slidingWindowLength,
  volumeUnderSurface,
} from '@seismo/engine/evaluation';
import { BUSINESS_FAMILIES } from './families/business-families.js';
import { MACHINE_FAMILIES } from './families/machine-families.js';
import { SeriesMaker } from './families/series-maker.js';
import { SIGNAL_FAMILIES } from './families/signal-families.js';

const FAMILIES = { ...BUSINESS_FAMILIES, ...MACHINE_FAMILIES, ...SIGNAL_FAMILIES };
/** Series with anomalies of each family, and as many without. */
const SERIES = 6;
/** The seeds of clean ones are others. */
const CLEAN_SEEDS = 100;
const WIDTH_MAX = 100;

/** A row a family and one of all: how its anomalies are told and ranked, and what is told where there are none. */
export function measureFamilies(detector, { scale }) {
  const count = Math.max(1, Math.round(SERIES * scale));
  const rows = Object.keys(FAMILIES).map((family) => measureFamily(detector, family, count));
  const sum = (of) => rows.reduce((total, row) => total + row[of], 0);
  const mean = (of) => rounded(sum(of) / rows.length);
  return [
    ...rows,
    {
      family: 'all',
      windows: sum('windows'),
      hits: sum('hits'),
      'false alarms': sum('false alarms'),
      'event F1': mean('event F1'),
      'VUS-PR': mean('VUS-PR'),
      'AUC-PR': mean('AUC-PR'),
      'alarms in clean series': sum('alarms in clean series'),
    },
  ];
}

function measureFamily(detector, family, count) {
  const judged = [];
  let clean = 0;
  for (let seed = 1; seed <= count; seed++) {
    judged.push(measureSeries(detector, madeSeries(family, seed, false)));
    const { times, values } = madeSeries(family, seed + CLEAN_SEEDS, true);
    clean += replaySeries(detector.create(), times, values).alarms.reduce((sum, alarm) => sum + alarm, 0);
  }
  const events = addEvents(judged.map((one) => one.events));
  const mean = (of) => rounded(judged.reduce((sum, one) => sum + one[of], 0) / judged.length);
  return {
    family,
    windows: events.windows,
    hits: events.hits,
    'false alarms': events.falseAlarms,
    'event F1': rounded(events.f1),
    'VUS-PR': mean('volume'),
    'AUC-PR': mean('area'),
    'alarms in clean series': clean,
  };
}

function measureSeries(detector, { times, values, windows }) {
  const { alarms, scores } = replaySeries(detector.create(), times, values);
  const labels = new Uint8Array(values.length);
  for (const { first, last } of windows) labels.fill(1, first, last + 1);
  return {
    events: scoreEvents(alarms, windows),
    volume: volumeUnderSurface(labels, scores, Math.min(WIDTH_MAX, slidingWindowLength(gapless(values)))),
    area: precisionRecallArea(labels, scores),
  };
}

/** @returns {SeriesMaker} times, values and the windows of its anomalies, in order */
function madeSeries(family, seed, isClean) {
  const place = Object.keys(FAMILIES).indexOf(family);
  const make = new SeriesMaker(seed * 7919 + 31 * place, isClean);
  FAMILIES[family](make);
  make.windows = make.windows
    .sort((one, other) => one.first - other.first)
    .filter(({ first }, index, all) => index === 0 || first > all[index - 1].last + 1);
  return make;
}

/** Each missing value as the one before it. */
function gapless(values) {
  let last = 0;
  return values.map((value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
}

function rounded(value) {
  return Number(value.toFixed(3));
}
