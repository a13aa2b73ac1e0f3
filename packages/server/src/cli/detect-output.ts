import type { Verdict, VerdictState } from '@seismo/engine/streaming';
import type { RowFormat } from './rows-output.js';

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
  'note',
] as const;

export function createDetectFormatter(format: RowFormat, series: readonly string[]): DetectFormatter {
  if (format === 'csv') return new CsvFormatter();
  if (format !== 'table') return new JsonFormatter(format === 'json');
  return new TableFormatter(series);
}

/** Lossless: numbers as the shortest text that reads back as the same double; nothing where there is none. */
class CsvFormatter implements DetectFormatter {
  begin(): string {
    return `${DETECT_COLUMNS.join(',')}\n`;
  }

  row(series: string, timeMs: number, value: number, verdict: Readonly<Verdict>, note: DetectNote): string {
    const numbers = [
      value,
      verdict.expected,
      verdict.lower,
      verdict.upper,
      verdict.probability,
      verdict.score,
    ];
    const cells = numbers.map((number) => (Number.isNaN(number) ? '' : String(number)));
    return `${secondsOf(timeMs)},${quoted(series)},${cells.join(',')},${verdict.state},${isAnomaly(verdict)},${verdict.alarm},${note}\n`;
  }

  end(): string {
    return '';
  }
}

/** An object a line; as one array, it can be read whole or line by line. */
class JsonFormatter implements DetectFormatter {
  readonly #isArray: boolean;
  #first = true;

  constructor(isArray: boolean) {
    this.#isArray = isArray;
  }

  begin(): string {
    return this.#isArray ? '[' : '';
  }

  row(series: string, timeMs: number, value: number, verdict: Readonly<Verdict>, note: DetectNote): string {
    const record: Record<(typeof DETECT_COLUMNS)[number] | 'time', unknown> = {
      timestamp: secondsOf(timeMs),
      time: new Date(timeMs).toISOString(),
      series,
      // JSON has no NaN: null stands for "none", which is what stringify makes of it.
      value,
      expected: verdict.expected,
      lower_bound: verdict.lower,
      upper_bound: verdict.upper,
      anomaly_probability: verdict.probability,
      score: verdict.score,
      state: verdict.state,
      is_anomaly: isAnomaly(verdict),
      alarm: verdict.alarm,
      note: note === '' ? null : note,
    };
    const text = JSON.stringify(record);
    if (!this.#isArray) return `${text}\n`;
    const comma = this.#first ? '\n' : ',\n';
    this.#first = false;
    return comma + text;
  }

  end(): string {
    if (!this.#isArray) return '';
    return this.#first ? ']\n' : '\n]\n';
  }
}

const STATE_TEXT: Record<VerdictState, string> = {
  warming_up: 'warming up',
  ok: 'ok',
  anomalous: 'anomalous',
  unknown: 'unknown',
  no_data: 'no data',
};

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
    const { expected, lower, upper, probability, score, state, alarm, have, need } = verdict;
    const progress = state === 'warming_up' ? ` ${have + 1}/${need}` : '';
    const line = this.#line(
      new Date(timeMs).toISOString(),
      series,
      [value, expected, lower, upper].map(sixDigits),
      [Number.isNaN(probability) ? '' : probability.toFixed(5), Number.isNaN(score) ? '' : score.toFixed(2)],
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
        'state',
      ) + line
    );
  }

  end(): string {
    return '';
  }

  #line(time: string, series: string, values: string[], ranks: string[], state: string): string {
    const padded = [...values.map((text) => text.padStart(13)), ...ranks.map((text) => text.padStart(13))];
    return `${time.padEnd(24)}  ${series.padEnd(this.#seriesWidth)}${padded.join('')}  ${state}\n`;
  }
}

/** Seconds since 1970: whole where they are, else with the milliseconds; reads back as the same millisecond. */
function secondsOf(timeMs: number): number {
  return timeMs / 1000;
}

function isAnomaly(verdict: Readonly<Verdict>): boolean {
  return verdict.state === 'anomalous';
}

function sixDigits(value: number): string {
  return Number.isNaN(value) ? '' : String(Number(value.toPrecision(6)));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
