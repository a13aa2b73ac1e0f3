import type { EngineValue } from '../../ports/sql-engine.js';
import type { TableEntry } from './catalog-entries.js';
import type { Endpoint } from './endpoint.js';
import { RestError } from './rest-error.js';

/** Samples that one ingest takes at once. */
const BATCH_ROWS = 10_000;

export interface RefusedRow {
  /** Position in the rows that were given. */
  readonly index: number;
  readonly field: string;
  readonly message: string;
}

/**
 * Rows of metrics_dataset.samples, ingested as everything else that comes in: the same checks, judged and shown live.
 * Gives the rows that were refused. `rows` have the columns of the entry.
 */
export async function ingestRows(
  { ingest }: Pick<Endpoint, 'ingest'>,
  entry: TableEntry,
  rows: readonly (readonly EngineValue[])[],
): Promise<RefusedRow[]> {
  refuseKept(entry);
  const place = (name: string) => entry.columns.findIndex((column) => column.name === name);
  const [time, series, name, labels, value] = ['time', 'series', 'name', 'labels', 'value'].map(place);
  const refused: RefusedRow[] = [];
  for (let start = 0; start < rows.length; start += BATCH_ROWS) {
    const items = rows.slice(start, start + BATCH_ROWS).map((row) =>
      toItem({
        time: row[time!]!,
        series: row[series!]!,
        name: row[name!]!,
        labels: row[labels!]!,
        value: row[value!]!,
      }),
    );
    const { rejected } = await ingest.ingest(items);
    for (const { index, field, message } of rejected)
      refused.push({ index: start + index, field: field === 'timestamp' ? 'time' : (field ?? ''), message });
  }
  return refused;
}

/** Of the tables that the server keeps only samples take rows. */
export function refuseKept({ dataset, table, readAs }: TableEntry): void {
  if (readAs === undefined || table === 'samples') return;
  throw new RestError(
    'accessDenied',
    `Access Denied: Table ${dataset}.${table} is kept by the server; insert into ${dataset}.samples.`,
  );
}

interface SampleRow {
  readonly time: EngineValue;
  readonly series: EngineValue;
  readonly name: EngineValue;
  readonly labels: EngineValue;
  readonly value: EngineValue;
}

/** What POST /metrics would be sent. Labels come of their column; without it of the text of the series. */
function toItem({ time, series, name, labels, value }: SampleRow): Record<string, unknown> {
  const timestamp = Number(time) / 1_000_000;
  const given = labels === null ? labelsOfSeries(String(series)) : (JSON.parse(String(labels)) as object);
  const named = { timestamp, [String(name)]: value };
  return Object.keys(given).length === 0 ? named : { ...named, labels: given };
}

const LABEL = /([^=,{}]+)="((?:[^"\\]|\\.)*)"/g;

/** Labels by the text of their series. */
export function labelsOfSeries(series: string): Record<string, string> {
  const start = series.indexOf('{');
  if (start === -1) return {};
  const pairs = [...series.slice(start).matchAll(LABEL)].map(([, label = '', value = '']) => [
    label,
    value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}
