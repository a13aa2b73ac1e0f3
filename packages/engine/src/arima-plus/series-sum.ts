import { seasonalNaiveScale } from '../evaluation/forecast-metrics.js';
import { gridIndex, gridTimeMs } from '../series/time-grid.js';
import { AlignedSums } from './aligned-sums.js';
import type { Expectations, ExpectedHistory } from './expectations.js';
import type { ExplainedForecast } from './explain-arima-plus-forecast.js';
import { addExplained, explainedSum } from './explained-sum.js';
import type { ArimaPlusForecast } from './forecast-arima-plus.js';
import { intervals, type ModelledErrors } from './forecast-limits.js';
import type { Limits } from './modelled-scale.js';
import type { PlacedPart, SumAhead, SumPart } from './sum-part.js';

export interface NoSum {
  readonly errorMessage: string;
}

/**
 * Several series added up, bottom-up: forecast, expectation and parts of the sum are the sums of theirs. In the history
 * a series counts from its first to its last value, so that the sum is the one of all values of a time.
 */
export interface SeriesSum {
  /** Takes a series in. Cost: one pass over its history. */
  add(part: SumPart): void;
  /**
   * The values to come after the newest of any series, so many as all series' forecasts reach, at most `horizon`.
   * The variance is Σσᵢ² + ρ·((Σσᵢ)² − Σσᵢ²), where ρ is the mean correlation of the series' one-step errors, weighed
   * by their deviations: for one step ahead that is the variance of the errors' sum. Without histories ρ is 0.
   * Source: Wickramasuriya, Athanasopoulos & Hyndman (2019), Journal of the American Statistical Association 114, for
   * errors ahead that correlate as those of one step.
   */
  forecast(horizon: number, confidenceLevel: number): ArimaPlusForecast | NoSum;
  /** What values of the sum are judged and evaluated by; the history, of parts that have theirs. */
  expectations(horizon: number): Expectations | NoSum;
  /** Of parts with an explanation. A season that none of the series has is not there. */
  explain(horizon: number, confidenceLevel: number): ExplainedForecast | NoSum;
}

const OTHER_TIMES = 'The time series of this group have values at different times or frequencies.';
const ENDED_BEFORE = 'A time series of this group ended before the horizon of the others begins.';

/** Cost: 32 bytes for each value of the longest history, besides the parts' forecasts; twice that with histories. */
export function createSeriesSum(): SeriesSum {
  return new PartsSum();
}

class PartsSum implements SeriesSum {
  readonly #parts: PlacedPart[] = [];
  readonly #errors = new AlignedSums();
  readonly #past = new AlignedSums();
  readonly #seasons = new Map<number, number>();
  #isOnOneGrid = true;

  add(part: SumPart): void {
    const grid = this.#parts[0]?.grid ?? part.grid;
    const isLike = part.grid.frequency === grid.frequency && part.grid.multiple === grid.multiple;
    const offset = isLike ? gridIndex(grid, part.grid.startMs) : undefined;
    if (offset === undefined) {
      this.#isOnOneGrid = false;
      return;
    }
    const { errors, history, ...rest } = part;
    if (errors !== undefined) addErrors(this.#errors, errors, part.deviation, offset);
    if (history !== undefined) {
      addHistory(this.#past, part, offset);
      this.#seasons.set(history.season, (this.#seasons.get(history.season) ?? 0) + 1);
    }
    if (part.explained !== undefined) addExplained(this.#past, part, offset);
    this.#parts.push({ ...rest, errors: undefined, offset });
  }

  forecast(horizon: number, confidenceLevel: number): ArimaPlusForecast | NoSum {
    const ahead = this.#ahead(horizon);
    if ('errorMessage' in ahead) return ahead;
    const { grid, from } = ahead;
    const { values, standardErrors } = this.#summed(ahead);
    return {
      timesMs: values.map((_, step) => gridTimeMs(grid, from + step)),
      values,
      standardErrors,
      ...intervals(this.#limits(), { means: values, standardErrors }, confidenceLevel),
    };
  }

  expectations(horizon: number): Expectations | NoSum {
    if (!this.#isOnOneGrid) return { errorMessage: OTHER_TIMES };
    const start = Math.min(...this.#parts.map(({ offset }) => offset));
    const from = Math.max(...this.#parts.map(({ offset, length }) => offset + length));
    const { grid } = this.#parts[0]!;
    const ahead = this.#ahead(horizon);
    const forecast = 'errorMessage' in ahead ? undefined : onItsOwnScale(this.#summed(ahead));
    const values = this.#past.column('value');
    return {
      ...this.#limits(),
      grid: { ...grid, startMs: gridTimeMs(grid, start) },
      length: from - start,
      horizon: forecast?.values.length ?? 0,
      magnitude: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      naiveError: seasonalNaiveScale(values, this.#season()),
      ahead: () => forecast!,
      history: (purpose) => this.#history(purpose),
    };
  }

  explain(horizon: number, confidenceLevel: number): ExplainedForecast | NoSum {
    const ahead = this.#ahead(horizon);
    if ('errorMessage' in ahead) return ahead;
    const deviations = this.#deviations(this.#past);
    const { values, standardErrors } = this.#summed(ahead);
    const future = {
      values,
      standardErrors,
      ...intervals(this.#limits(), { means: values, standardErrors }, confidenceLevel),
    };
    return explainedSum(this.#parts, this.#past, ahead, { deviations, ...future });
  }

  #history(purpose: string): ExpectedHistory {
    if (this.#past.length === 0) throw new RangeError(`${purpose} needs the histories of the series`);
    const [values, filled, present] = ['value', 'filled', 'present'].map((name) => this.#past.column(name));
    const expected = this.#past.column('expected');
    const standardErrors = this.#deviations(this.#past);
    return {
      values: values!.map((value, at) => (filled![at] === 0 && present![at]! > 0 ? value : Number.NaN)),
      ...{ expected, standardErrors, modelled: { means: expected, standardErrors } },
      lowerLimits: this.#past.column('lowerLimit'),
      upperLimits: this.#past.column('upperLimit'),
    };
  }

  /** Deviations of a sum, from the columns of the sums of deviations and of their squares. */
  #deviations(sums: AlignedSums): Float64Array {
    const squares = sums.column('deviationSquare');
    return together(sums.column('deviation'), squares, this.#correlation());
  }

  #ahead(horizon: number): SumAhead | NoSum {
    if (!this.#isOnOneGrid) return { errorMessage: OTHER_TIMES };
    const from = Math.max(...this.#parts.map(({ offset, length }) => offset + length));
    const ends = this.#parts.map(({ offset, length, values }) => offset + length + values.length);
    const count = Math.min(horizon, Math.min(...ends) - from);
    return count > 0 ? { grid: this.#parts[0]!.grid, from, count } : { errorMessage: ENDED_BEFORE };
  }

  #summed({ from, count }: SumAhead): { values: Float64Array; standardErrors: Float64Array } {
    const [values, deviations, squares] = [0, 1, 2].map(() => new Float64Array(count));
    for (const { offset, length, values: own, standardErrors } of this.#parts) {
      const first = from - offset - length;
      for (let step = 0; step < count; step++) {
        const error = standardErrors[first + step]!;
        values![step] = values![step]! + own[first + step]!;
        deviations![step] = deviations![step]! + error;
        squares![step] = squares![step]! + error * error;
      }
    }
    return { values: values!, standardErrors: together(deviations!, squares!, this.#correlation()) };
  }

  /** Products of pairs are half of the square of the sum less the sum of the squares. */
  #correlation(): number {
    const [error, errorSquares] = [this.#errors.column('error'), this.#errors.column('errorSquare')];
    const [deviations, squares] = [this.#errors.column('deviation'), this.#errors.column('deviationSquare')];
    let products = 0;
    let most = 0;
    for (let at = 0; at < error.length; at++) {
      products += error[at]! ** 2 - errorSquares[at]!;
      most += deviations[at]! ** 2 - squares[at]!;
    }
    const count = this.#parts.length;
    if (count < 2 || !(most > 0)) return 0;
    return Math.min(1, Math.max(-1 / (count - 1), products / most));
  }

  #limits(): Limits {
    return {
      lowerLimit: this.#parts.reduce((sum, { lowerLimit }) => sum + lowerLimit, 0),
      upperLimit: this.#parts.reduce((sum, { upperLimit }) => sum + upperLimit, 0),
    };
  }

  /** That of most series, the shortest of several. */
  #season(): number {
    const found = [...this.#seasons].sort(([a, times], [b, others]) => others - times || a - b);
    return found[0]?.[0] ?? 1;
  }
}

/** Sums are spread evenly around what is expected, on whatever scale their series are modelled. */
function onItsOwnScale({ values, standardErrors }: Omit<ModelledErrors, 'means'> & { values: Float64Array }) {
  return { values, modelled: { means: values, standardErrors } };
}

function together(deviations: Float64Array, squares: Float64Array, correlation: number): Float64Array {
  return squares.map((square, at) =>
    Math.sqrt(Math.max(0, square + correlation * (deviations[at]! ** 2 - square))),
  );
}

function addErrors(sums: AlignedSums, errors: Float64Array, deviation: number, offset: number): void {
  const known = (of: (error: number) => number) =>
    errors.map((error) => (Number.isNaN(error) ? 0 : of(error)));
  sums.add(
    'error',
    offset,
    known((error) => error),
  );
  sums.add(
    'errorSquare',
    offset,
    known((error) => error * error),
  );
  sums.add(
    'deviation',
    offset,
    known(() => deviation),
  );
  sums.add(
    'deviationSquare',
    offset,
    known(() => deviation * deviation),
  );
}

function addHistory(sums: AlignedSums, { history, lowerLimit, upperLimit }: SumPart, offset: number): void {
  const { values, filled, expected, standardErrors } = history!;
  sums.add('value', offset, values);
  sums.add('filled', offset, Float64Array.from(filled));
  sums.add(
    'present',
    offset,
    values.map(() => 1),
  );
  sums.add('expected', offset, expected);
  sums.add('deviation', offset, standardErrors);
  sums.add(
    'deviationSquare',
    offset,
    standardErrors.map((error) => error * error),
  );
  sums.add(
    'lowerLimit',
    offset,
    values.map(() => lowerLimit),
  );
  sums.add(
    'upperLimit',
    offset,
    values.map(() => upperLimit),
  );
}
