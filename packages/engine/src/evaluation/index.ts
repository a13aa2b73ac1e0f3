/** Measures of detectors, and series to take them on; nothing that the server does needs them. */
export {
  BACKTEST_SENSITIVITIES,
  type Backtest,
  type BacktestAlarm,
  backtest,
  type LabelledBacktest,
  type PastSeries,
} from './backtest.js';
export { CLEAN_KINDS, type CleanKind, fillCleanSeries } from './clean-series.js';
export { addEvents, type EventScore, scoreEvents } from './event-score.js';
export { type RowWindow, rowLabels, rowWindows, type TimeWindow } from './labelled-windows.js';
export { addNab, countNab, NAB_PROFILES, type NabCount, type NabProfile, nabScore } from './nab-score.js';
export { precisionRecallArea } from './precision-recall-area.js';
export { seededGaussian, seededRandom } from './random-numbers.js';
export { type ReplayedSeries, replaySeries } from './replay-series.js';
export { slidingWindowLength } from './sliding-window-length.js';
export { volumeUnderSurface } from './volume-under-surface.js';
