import type { SeriesFlags } from './arima-flags.js';
import { type ArimaInput, type InputSeries, readRows } from './arima-input.js';
import type { SeriesRows } from './arima-work.js';

export interface ModelData {
  /** The series of the file, in its order, each with its model; without one where none was trained. */
  readonly input: ArimaInput;
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
  const rows = await readRows(file, read, models.header.timeForm === 'year');
  const keyOf = (ids: readonly string[]) => JSON.stringify(ids);
  const byKey = new Map(models.series.map((one) => [keyOf(one.ids), one]));
  const rowsByKey = new Map(rows.series.map(({ ids, timesMs, values }) => [keyOf(ids), { timesMs, values }]));
  const series = rows.series.map(({ ids }): InputSeries => {
    const model = byKey.get(keyOf(ids));
    return model ?? { ids, source: undefined, errorMessage: 'There is no model of this series.' };
  });
  return { input: { header: rows, series }, rowsOf: ({ ids }) => rowsByKey.get(keyOf(ids))! };
}
