import {
  addEvents,
  addNab,
  countNab,
  NAB_PROFILES,
  nabScore,
  precisionRecallArea,
  replaySeries,
  scoreEvents,
  slidingWindowLength,
  volumeUnderSurface,
} from '@seismo/engine/evaluation';

const { standard, rewardLowFalsePositives } = NAB_PROFILES;

/** A row a detector: its alarms by NAB's score, of all and of each half, and its scores by rank. */
export function measureNab(detectors, series) {
  const widths = new Map(series.map(({ id, values }) => [id, slidingWindowLength(values)]));
  return detectors.map((detector) => {
    const startedUs = process.cpuUsage();
    const judged = replayAll(detector, series);
    const { user, system } = process.cpuUsage(startedUs);
    const ranked = judged.filter(({ one }) => one.windows.length > 0);
    const { hits, falseAlarms } = addNab(judged.map(({ high }) => high));
    const half = (number) => judged.filter(({ one }) => one.half === number);
    return {
      detector: detector.name,
      'standard / low FP': scoresOf(judged),
      H0: scoresOf(half(0)),
      H1: scoresOf(half(1)),
      hits,
      'false alarms': falseAlarms,
      'event F1': rounded(addEvents(judged.map(({ events }) => events)).f1, 3),
      'VUS-PR': mean(ranked, ({ one, scores }) => volumeUnderSurface(one.labels, scores, widths.get(one.id))),
      'AUC-PR': mean(ranked, ({ one, scores }) => precisionRecallArea(one.labels, scores)),
      'CPU s': rounded((user + system) / 1e6, 2),
    };
  });
}

/** A row a file. */
export function nabFileRows(detector, series) {
  return replayAll(detector, series).map(({ one, events, low, high, scores }) => ({
    file: one.id,
    half: `H${one.half}`,
    windows: one.windows.length,
    hits: events.hits,
    'false alarms': events.falseAlarms,
    standard: rounded(high.raw, 2),
    'low FP': rounded(low.raw, 2),
    'VUS-PR': rounded(volumeUnderSurface(one.labels, scores, slidingWindowLength(one.values)), 3),
  }));
}

function replayAll({ create }, series) {
  return series.map((one) => {
    const { alarms, scores } = replaySeries(create(), one.timesMs, one.values);
    return {
      one,
      scores,
      high: countNab(alarms, one.windows, standard),
      low: countNab(alarms, one.windows, rewardLowFalsePositives),
      events: scoreEvents(alarms, one.windows),
    };
  });
}

function scoresOf(judged) {
  const high = nabScore(addNab(judged.map(({ high }) => high)), standard);
  const low = nabScore(addNab(judged.map(({ low }) => low)), rewardLowFalsePositives);
  return `${high.toFixed(1)} / ${low.toFixed(1)}`;
}

function mean(rows, measure) {
  return rounded(rows.reduce((sum, row) => sum + measure(row), 0) / rows.length, 3);
}

function rounded(value, digits) {
  return Number(value.toFixed(digits));
}
