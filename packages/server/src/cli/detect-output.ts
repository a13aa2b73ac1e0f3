import type { Verdict, VerdictState } from '@seismo/engine/streaming';
import { createRowsFormatter, type RowFormat, type RowsFormatter } from './rows-output.js';

/** Why a row was not judged: as late as the newest before it, or earlier. */
export type DetectNote = '' | 'repeat' | 'late';

/** Turns judged rows into text. */
export interface DetectFormatter {
  begin(): string;
  row(series: string, timeMs: number, value: number, verdict: Readonly<Verdict>, note: DetectNote): string;
  end(): string;
}

const DETECT_COLUMNS = [
  'timestamp',
  'series',
  'value',
  'expected',
  'lower_bound',
  'upper_bound',
  'anomaly_probability',
  'score',
  'state',
  'is_anomaly',
  'alarm',
  'component',
  'note',
] as const;

export function createDetectFormatter(format: RowFormat, series: readonly string[]): DetectFormatter {
  return format === 'table' ? new TableFormatter(series) : new RecordFormatter(format);
}

/** Every column of a row, for programs; JSON has the time in RFC 3339 besides. */
class RecordFormatter implements DetectFormatter {
  readonly #rows: RowsFormatter;
  readonly #withTime: boolean;

  constructor(format: Exclude<RowFormat, 'table'>) {
    this.#withTime = format !== 'csv';
    const [timestamp, ...others] = DETECT_COLUMNS;
    this.#rows = createRowsFormatter(
      format,
      this.#withTime ? [timestamp, 'time', ...others] : DETECT_COLUMNS,
    );
  }

  begin(): string {
    return this.#rows.begin();
  }

  row(series: string, timeMs: number, value: number, verdict: Readonly<Verdict>, note: DetectNote): string {
    return this.#rows.row([
      // Whole where they are, else with the milliseconds; reads back as the same millisecond.
      timeMs / 1000,
      ...(this.#withTime ? [new Date(timeMs).toISOString()] : []),
      series,
      value,
      verdict.expected,
      endOf(verdict.lower),
      endOf(verdict.upper),
      verdict.probability,
      verdict.score,
      verdict.state,
      verdict.state === 'anomalous',
      verdict.alarm,
      verdict.component,
      note === '' ? null : note,
    ]);
  }

  end(): string {
    return this.#rows.end();
  }
}

const STATE_TEXT: Record<VerdictState, string> = {
  warming_up: 'warming up',
  ok: 'ok',
  anomalous: 'anomalous',
  unknown: 'unknown',
  no_data: 'no data',
};

const COMPONENT_WIDTH = 'day of week'.length;

/** For people: six digits, columns that line up, times in RFC 3339. */
class TableFormatter implements DetectFormatter {
  readonly #seriesWidth: number;
  #began = false;

  constructor(series: readonly string[]) {
    this.#seriesWidth = Math.min(40, Math.max(6, ...series.map((name) => name.length)));
  }

  begin(): string {
    return '';
  }

  row(series: string, timeMs: number, value: number, verdict: Readonly<Verdict>, note: DetectNote): string {
    const { expected, lower, upper, probability, score, state, alarm, component, have, need } = verdict;
    const progress = state === 'warming_up' ? ` ${have + 1}/${need}` : '';
    const line = this.#line(
      new Date(timeMs).toISOString(),
      series,
      [value, expected, lower, upper].map(sixDigits),
      [Number.isNaN(probability) ? '' : probability.toFixed(5), Number.isNaN(score) ? '' : score.toFixed(2)],
      component?.replaceAll('_', ' ') ?? '',
      `${STATE_TEXT[state]}${progress}${alarm ? ', alarm' : ''}${note === '' ? '' : `, ${note}`}`,
    );
    if (this.#began) return line;
    this.#began = true;
    return (
      this.#line(
        'time',
        'series',
        ['value', 'expected', 'lower', 'upper'],
        ['probability', 'score'],
        'component',
        'state',
      ) + line
    );
  }

  end(): string {
    return '';
  }

  #line(
    time: string,
    series: string,
    values: string[],
    ranks: string[],
    component: string,
    state: string,
  ): string {
    const padded = [...values.map((text) => text.padStart(13)), ...ranks.map((text) => text.padStart(13))];
    return `${time.padEnd(24)}  ${series.padEnd(this.#seriesWidth)}${padded.join('')}  ${component.padEnd(COMPONENT_WIDTH)}  ${state}\n`;
  }
}

/** A band that goes on without an end has none there. */
export function endOf(bound: number): number | null {
  return Number.isFinite(bound) ? bound : null;
}

function sixDigits(value: number): string {
  return !Number.isFinite(value) ? '' : String(Number(value.toPrecision(6)));
}
