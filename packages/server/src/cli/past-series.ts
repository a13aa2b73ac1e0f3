import type { PastSeries, TimeWindow } from '@seismo/engine/evaluation';
import { AppError } from '../errors.js';
import { openCsv } from '../ingest/csv-reader.js';
import type { CsvProblem } from '../ingest/csv-records.js';
import { SqlClient } from './sql-client.js';
import type { SqlTransport } from './sql-transport.js';

/** A series with its name, oldest sample first, one sample a time. */
export interface NamedPast extends PastSeries {
  readonly series: string;
  /** Where the file has a column of labels. */
  readonly labels?: readonly TimeWindow[];
}

/** Samples that come one by one, in any order. */
class Gathered {
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  add(timeMs: number, value: number): void {
    this.#times.push(timeMs);
    this.#values.push(value);
  }

  /** By time; of several values for one time the last holds, as in the store. A missing value is left out. */
  inOrder(): PastSeries {
    const rows = this.#times.map((_, row) => row);
    rows.sort((a, b) => this.#times[a]! - this.#times[b]! || a - b);
    const kept = rows.filter((row, place) => {
      const next = rows[place + 1];
      return !(next !== undefined && this.#times[next] === this.#times[row]);
    });
    const known = kept.filter((row) => !Number.isNaN(this.#values[row]!));
    return {
      timesMs: Float64Array.from(known, (row) => this.#times[row]!),
      values: Float64Array.from(known, (row) => this.#values[row]!),
    };
  }
}

interface FileOptions {
  /** Leaves bad rows out. */
  readonly onBadRow?: (problem: CsvProblem) => void;
  /** Column that is not 0 where the rows are labelled anomalous. */
  readonly labelColumn?: string;
}

/** Every value column of a CSV file as a series. Rejects as `openCsv` does, and where there is no such label column. */
export async function pastOfFile(file: string, options: FileOptions): Promise<NamedPast[]> {
  const { onBadRow, labelColumn } = options;
  const csv = await openCsv(file, onBadRow === undefined ? {} : { onBadRow });
  const labelAt = labelColumn === undefined ? -1 : csv.columns.indexOf(labelColumn);
  const isSeries = (column: number) => column !== labelAt;
  if (labelColumn !== undefined && labelAt < 0) {
    csv.close();
    throw new AppError('bad_request', `${file} has no column "${labelColumn}".`, {
      field: '--label-column',
      hint: `Its columns are ${csv.columns.slice(0, 8).join(', ')}.`,
    });
  }
  if (!csv.columns.some((_, column) => isSeries(column))) {
    csv.close();
    throw new AppError('bad_request', `${file} has no column of values beside "${labelColumn}".`, {
      field: '--label-column',
    });
  }
  const gathered = csv.columns.map(() => new Gathered());
  for await (const { timeMs, values } of csv.rows) {
    for (const [column, series] of gathered.entries()) series.add(timeMs, values[column]!);
  }
  const labels = labelAt < 0 ? undefined : labelledStretches(gathered[labelAt]!.inOrder());
  return csv.columns.flatMap((series, column) =>
    isSeries(column)
      ? [{ series, ...gathered[column]!.inOrder(), ...(labels === undefined ? {} : { labels }) }]
      : [],
  );
}

/** Rows in a row that are not 0. */
function labelledStretches({ timesMs, values }: PastSeries): TimeWindow[] {
  const stretches: { fromMs: number; toMs: number }[] = [];
  for (let row = 0; row < values.length; row++) {
    if (values[row] === 0) continue;
    if (row > 0 && values[row - 1] !== 0) stretches.at(-1)!.toMs = timesMs[row]!;
    else stretches.push({ fromMs: timesMs[row]!, toMs: timesMs[row]! });
  }
  return stretches;
}

/** One stored series, by its name with its labels. Rejects with `not_found` where nothing of it is stored. */
export async function pastOfStore(transport: SqlTransport, name: string): Promise<NamedPast> {
  const client = new SqlClient(transport);
  const gathered = new Gathered();
  let samples = 0;
  // A text of JSON is a text of GoogleSQL too.
  const statement = `SELECT UNIX_MILLIS(time), value FROM metrics_dataset.samples WHERE series = ${JSON.stringify(name)} ORDER BY time`;
  for await (const result of client.run(statement, new AbortController().signal, () => {})) {
    for await (const rows of result.rows()) {
      samples += rows.length;
      for (const { f } of rows)
        gathered.add(Number(f[0]!.v), f[1]!.v === null ? Number.NaN : Number(f[1]!.v));
    }
  }
  if (samples > 0) return { series: name, ...gathered.inOrder() };
  throw new AppError('not_found', `There are no samples of ${name} at ${transport.place}.`, {
    field: '--series',
    hint: 'Name it with its labels, such as latency{service="checkout"}; `seismo sql` lists what is stored.',
  });
}
