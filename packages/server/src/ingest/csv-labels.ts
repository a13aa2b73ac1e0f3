import type { Readable } from 'node:stream';
import { parseTimestampCell } from './csv-cells.js';
import { badFile, badRow, type CsvRecords, openRecords } from './csv-records.js';

/** A labelled stretch of time, both ends included. */
export interface LabelWindow {
  /** Name of the series; absent where the file has no such column: then of every series. */
  readonly series?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const HINT = 'Its header is from,to or series,from,to: a labelled stretch of time in each row.';

/**
 * Reads labels: a CSV file with the columns `from` and `to`, times as in files of samples, and maybe `series`. Rejects
 * with an AppError: `not_found` (no such file), `bad_request` (header or row, naming line and column).
 */
export async function readLabels(source: string | Readable): Promise<LabelWindow[]> {
  const records = await openRecords(source, {}, HINT);
  try {
    const at = columnsOf(records);
    const labels: LabelWindow[] = [];
    for (let record = await records.next(); record !== undefined; record = await records.next()) {
      const { line, cells } = record;
      const width = records.header.cells.length;
      if (cells.length !== width) {
        const message = `the row has ${cells.length} cells, the header ${width}`;
        throw badRow(records.name, { line, message });
      }
      const timeOf = (column: 'from' | 'to') => {
        const cell = parseTimestampCell(cells[at[column]]!);
        if (!cell.ok) throw badRow(records.name, { line, column, message: cell.message }, HINT);
        return cell.value;
      };
      const [fromMs, toMs] = [timeOf('from'), timeOf('to')];
      if (fromMs > toMs)
        throw badRow(records.name, { line, column: 'to', message: 'is before `from`' }, HINT);
      labels.push({ ...(at.series < 0 ? {} : { series: cells[at.series]!.trim() }), fromMs, toMs });
    }
    return labels;
  } finally {
    records.close();
  }
}

function columnsOf({ name, header: { line, cells } }: CsvRecords): Record<'from' | 'to' | 'series', number> {
  const [from, to, series] = [cells.indexOf('from'), cells.indexOf('to'), cells.indexOf('series')];
  const missing = from < 0 ? 'from' : to < 0 ? 'to' : undefined;
  if (missing === undefined) return { from, to, series };
  throw badFile(
    name,
    line,
    `there is no column "${missing}" in the header (${cells.slice(0, 8).join(', ')})`,
    HINT,
  );
}
