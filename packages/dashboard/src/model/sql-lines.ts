import type { SqlField, SqlRow } from '../api/sql-jobs.js';
import { isNumber, secondsOf, timeColumn } from './sql-values.js';

/** One line of a chart of a result: its points by time. */
export interface SqlLine {
  /** What tells it from the others; empty where it is the only one. */
  readonly name: string;
  readonly time: readonly number[];
  /** NaN is a gap. */
  readonly value: readonly number[];
  readonly isAnomaly: readonly boolean[];
  /** Within which the value was to be; null where nothing tells. NaN where it does not. */
  readonly band: { readonly lower: readonly number[]; readonly upper: readonly number[] } | null;
}

export interface SqlChart {
  readonly timeName: string;
  /** False for dates and clock times, which stand in no time zone. */
  readonly isUtc: boolean;
  /** Whether its times are days, without a time of day. */
  readonly isDaily: boolean;
  /** Columns that can be drawn, the first of them unless another is asked for. */
  readonly valueNames: readonly string[];
  readonly valueName: string;
  readonly lines: readonly SqlLine[];
  readonly pointCount: number;
}

interface Point {
  readonly time: number;
  readonly value: number;
  readonly isAnomaly: boolean;
  readonly lower: number;
  readonly upper: number;
}

/** As BigQuery's functions of models call them, and as the server's own tables do. */
const BANDS = [
  ['lower_bound', 'upper_bound'],
  ['prediction_interval_lower_bound', 'prediction_interval_upper_bound'],
] as const;

/**
 * The chart of a result with a column of times and one of numbers; null where there is none, or fewer than two points.
 * Where texts tell series apart each has a line, in the order in which they come.
 */
export function chartOf(
  fields: readonly SqlField[],
  rows: readonly SqlRow[],
  wanted: string | null,
): SqlChart | null {
  const timeAt = timeColumn(fields, rows);
  const numbers = fields.filter((field, at) => at !== timeAt && isNumber(field)).map(({ name }) => name);
  const valueName = wanted !== null && numbers.includes(wanted) ? wanted : numbers[0];
  if (timeAt === -1 || valueName === undefined) return null;
  const timeField = fields[timeAt]!;
  const valueAt = fields.findIndex(({ name }) => name === valueName);
  const [lowerAt, upperAt] = bandColumns(fields, valueName === numbers[0]);
  const anomalyAt = fields.findIndex(({ name, type }) => name === 'is_anomaly' && type === 'BOOLEAN');
  const timed = rows
    .map((row) => ({ row, time: secondsOf(row.f[timeAt]?.v ?? null, timeField) }))
    .filter(({ time }) => Number.isFinite(time));
  const seriesAt = seriesColumns(fields, timed);
  const series = new Map<string, Point[]>();
  for (const { row, time } of timed) {
    const point = {
      time,
      value: numberAt(row, valueAt),
      isAnomaly: anomalyAt !== -1 && row.f[anomalyAt]?.v === 'true',
      lower: numberAt(row, lowerAt),
      upper: numberAt(row, upperAt),
    };
    const name = nameOf(row, seriesAt);
    const points = series.get(name);
    if (points === undefined) series.set(name, [point]);
    else points.push(point);
  }
  const lines = [...series].map(([name, points]) => lineOf(name, points, lowerAt !== -1));
  const pointCount = lines.reduce((sum, { value }) => sum + value.filter(Number.isFinite).length, 0);
  if (pointCount < 2) return null;
  const isUtc = timeField.type === 'TIMESTAMP' || timeField.type === 'INTEGER';
  const isDaily = timeField.type === 'DATE';
  return { timeName: timeField.name, isUtc, isDaily, valueNames: numbers, valueName, lines, pointCount };
}

function numberAt({ f }: SqlRow, at: number): number {
  const value = f[at]?.v ?? null;
  return value === null ? Number.NaN : Number(value);
}

/** A band is that of the first number beside it. */
function bandColumns(fields: readonly SqlField[], isFirst: boolean): [lower: number, upper: number] {
  const place = (name: string) => fields.findIndex((field) => field.name === name && isNumber(field));
  for (const [lower, upper] of isFirst ? BANDS : []) {
    if (place(lower) > 0 && place(upper) > 0) return [place(lower), place(upper)];
  }
  return [-1, -1];
}

function lineOf(name: string, points: Point[], hasBand: boolean): SqlLine {
  points.sort((a, b) => a.time - b.time);
  return {
    name,
    time: points.map(({ time }) => time),
    value: points.map(({ value }) => value),
    isAnomaly: points.map(({ isAnomaly }) => isAnomaly),
    band: hasBand
      ? { lower: points.map(({ lower }) => lower), upper: points.map(({ upper }) => upper) }
      : null,
  };
}

interface TimedRow {
  readonly row: SqlRow;
  readonly time: number;
}

/** So few names are series even where each has one row only. */
const NAMES_FEW = 6;

/**
 * The column of texts that tells series apart, or all columns of texts together: the first by which the fewest rows
 * share series and time. Texts of which most rows have their own are no names. Empty where nothing tells series apart.
 */
function seriesColumns(fields: readonly SqlField[], rows: readonly TimedRow[]): readonly number[] {
  const texts = fields.flatMap(({ type, mode }, at) =>
    type === 'STRING' && mode !== 'REPEATED' ? [at] : [],
  );
  const each = texts.map((at) => [at]);
  let best: readonly number[] = [];
  let fewest = Number.POSITIVE_INFINITY;
  for (const columns of texts.length > 1 ? [...each, texts] : each) {
    const names = new Set<string>();
    const places = new Set<string>();
    for (const { row, time } of rows) {
      const name = nameOf(row, columns);
      names.add(name);
      places.add(`${time} ${name}`);
    }
    const repeats = rows.length - places.size;
    const isNames = names.size > 1 && (names.size <= NAMES_FEW || 2 * names.size <= rows.length);
    if (!isNames || repeats >= fewest) continue;
    best = columns;
    fewest = repeats;
  }
  return best;
}

function nameOf({ f }: SqlRow, columns: readonly number[]): string {
  return columns.map((at) => String(f[at]?.v ?? 'NULL')).join(', ');
}
