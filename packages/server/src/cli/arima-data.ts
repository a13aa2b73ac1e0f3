import type { SeriesRows } from '../model/arima-columns.js';
import type { SeriesFlags } from './arima-flags.js';
import { type ArimaInput, type InputSeries, readRows } from './arima-input.js';
import { type RowsOfSum, SumsInRows } from './arima-sums.js';

export interface ModelData {
  /** The series of the file, in its order, each with its model; without one where none was trained. */
  readonly input: ArimaInput;
  /** Rows of sums of the models' hierarchy, which are not among the series. */
  readonly sums: readonly RowsOfSum[];
  readonly rowsOf: (series: InputSeries) => SeriesRows;
}

/** The rows of a CSV file beside the models they belong to; its columns are called as when these were trained. */
export async function dataForModels(
  file: string,
  flags: SeriesFlags,
  models: ArimaInput,
): Promise<ModelData> {
  const { timestampColumn, dataColumn, idColumns, columnsAreSeries } = models.header;
  const read = {
    ...flags,
    timestampColumn: flags.timestampColumn === 'timestamp' ? timestampColumn : flags.timestampColumn,
    idColumn: flags.idColumn.length > 0 || columnsAreSeries ? flags.idColumn : idColumns,
    dataColumn: flags.dataColumn.length > 0 || columnsAreSeries ? flags.dataColumn : [dataColumn],
  };
  const rows = await readRows(file, read, models.header.timeForm === 'year' ? 'always' : 'where_all_are');
  const keyOf = (ids: readonly string[]) => JSON.stringify(ids);
  const byKey = new Map(models.series.map((one) => [keyOf(one.ids), one]));
  const rowsByKey = new Map(rows.series.map(({ ids, timesMs, values }) => [keyOf(ids), { timesMs, values }]));
  const sums = new SumsInRows(models.header, models.series);
  const series = rows.series.flatMap(({ ids, timesMs, values }): InputSeries[] => {
    const model = byKey.get(keyOf(ids));
    if (model !== undefined) return [model];
    if (sums.take(ids, { timesMs, values })) return [];
    return [{ ids, source: undefined, errorMessage: 'There is no model of this series.' }];
  });
  return {
    input: { header: rows, series },
    sums: sums.found,
    rowsOf: ({ ids }) => rowsByKey.get(keyOf(ids))!,
  };
}
