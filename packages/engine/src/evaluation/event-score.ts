import type { RowWindow } from './labelled-windows.js';

/** How alarms meet labelled windows. */
export interface EventScore {
  readonly windows: number;
  /** Windows with an alarm. */
  readonly hits: number;
  /** Alarms outside of every window. */
  readonly falseAlarms: number;
  /** hits / (hits + false alarms); NaN without an alarm. */
  readonly precision: number;
  /** hits / windows; NaN without a window. */
  readonly recall: number;
  /** Harmonic mean of the two, 0 where nothing was hit; NaN where there is neither alarm nor window. */
  readonly f1: number;
  /** Rows from the start of a window to its first alarm, by window that was hit; 0 at its first row. */
  readonly delays: readonly number[];
}

/**
 * Scores alarms as events: a window counts once however many alarms it has, each alarm outside counts. Cost: one pass.
 * Source: Hundman et al. (2018), "Detecting Spacecraft Anomalies Using LSTMs and Nonparametric Dynamic Thresholding",
 * KDD, section 4.1, with one alarm for each of their predicted sequences.
 * @param alarms a value a row, not 0 where an alarm was raised
 * @param windows in order and apart, as `rowWindows` makes them
 */
export function scoreEvents(alarms: ArrayLike<number>, windows: readonly RowWindow[]): EventScore {
  const delays: number[] = [];
  let falseAlarms = 0;
  let next = 0;
  let isHit = false;
  for (let row = 0; row < alarms.length; row++) {
    if (alarms[row] === 0) continue;
    for (; next < windows.length && windows[next]!.last < row; next++) isHit = false;
    const window = windows[next];
    if (window === undefined || row < window.first) falseAlarms++;
    else if (!isHit) {
      isHit = true;
      delays.push(row - window.first);
    }
  }
  return eventScore(windows.length, falseAlarms, delays);
}

/** The scores of several series as one. */
export function addEvents(scores: readonly EventScore[]): EventScore {
  const windows = scores.reduce((sum, one) => sum + one.windows, 0);
  const falseAlarms = scores.reduce((sum, one) => sum + one.falseAlarms, 0);
  return eventScore(
    windows,
    falseAlarms,
    scores.flatMap(({ delays }) => delays),
  );
}

function eventScore(windows: number, falseAlarms: number, delays: readonly number[]): EventScore {
  const hits = delays.length;
  return {
    windows,
    hits,
    falseAlarms,
    precision: hits / (hits + falseAlarms),
    recall: hits / windows,
    f1: (2 * hits) / (hits + falseAlarms + windows),
    delays,
  };
}
