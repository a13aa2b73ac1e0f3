import { ERROR_COLUMNS, EXPLAIN_COLUMNS } from '../../model/arima-columns.js';
import type { SqlModelColumn, SqlModelHeader } from '../../ports/sql-models.js';
import { type BigQueryType, type Column, type MlCallShape, SqlError } from '../sql/plan.js';
import { callSettings } from './call-settings.js';
import { columnIndex } from './ml-rows.js';

/**
 * The columns that a call gives, by the model and the columns of its input alone. Times are TIMESTAMP and values
 * FLOAT64 whatever the types of the training data; ids keep theirs.
 * @throws SqlError where an argument or the input does not suit
 */
export function callColumns(call: MlCallShape, header: SqlModelHeader): readonly Column[] {
  const { performAggregation } = callSettings(call.function, call.settings, header.horizon);
  checkInput(call, header);
  const ids = header.idColumns.map(({ name, type }): Column => ({ name, type: type as BigQueryType }));
  const rows = [...ids, timestamp(header.timestampColumn.name), float(header.dataColumn.name)];
  switch (call.function) {
    case 'FORECAST':
      return [...ids, timestamp('forecast_timestamp'), ...FORECAST_COLUMNS.map(float)];
    case 'DETECT_ANOMALIES':
      return [
        ...rows,
        { name: 'is_anomaly', type: 'BOOL' },
        ...['lower_bound', 'upper_bound', 'anomaly_probability'].map(float),
        ...furtherColumns(call.inputColumns ?? [], header).map(({ column }) => column),
      ];
    case 'EVALUATE':
      // As ML.ARIMA_EVALUATE, but for why a series has no model.
      if (call.inputColumns === undefined) return [...ids, ...ORDER_COLUMNS.slice(0, -1)];
      if (performAggregation) return [...ids, ...ERROR_COLUMNS.map(float)];
      return [...rows, float(`forecasted_${header.dataColumn.name}`), ...ROW_ERROR_COLUMNS.map(float)];
    case 'ARIMA_EVALUATE':
      return [...ids, ...ORDER_COLUMNS];
    case 'ARIMA_COEFFICIENTS':
      return [...ids, ...COEFFICIENT_COLUMNS];
    case 'EXPLAIN_FORECAST':
      return [...ids, timestamp('time_series_timestamp'), ...EXPLAIN_COLUMNS.map(explainColumn)];
  }
}

const FORECAST_COLUMNS = [
  'forecast_value',
  'standard_error',
  'confidence_level',
  'prediction_interval_lower_bound',
  'prediction_interval_upper_bound',
  'confidence_interval_lower_bound',
  'confidence_interval_upper_bound',
];

const ROW_ERROR_COLUMNS = ['lower_bound', 'upper_bound', 'absolute_error', 'absolute_percentage_error'];

const ORDER_COLUMNS: readonly Column[] = [
  { name: 'non_seasonal_p', type: 'INT64' },
  { name: 'non_seasonal_d', type: 'INT64' },
  { name: 'non_seasonal_q', type: 'INT64' },
  { name: 'has_drift', type: 'BOOL' },
  { name: 'log_likelihood', type: 'FLOAT64' },
  { name: 'AIC', type: 'FLOAT64' },
  { name: 'variance', type: 'FLOAT64' },
  { name: 'seasonal_periods', type: 'STRING', mode: 'REPEATED' },
  { name: 'has_holiday_effect', type: 'BOOL' },
  { name: 'has_spikes_and_dips', type: 'BOOL' },
  { name: 'has_step_changes', type: 'BOOL' },
  { name: 'error_message', type: 'STRING' },
];

const COEFFICIENT_COLUMNS: readonly Column[] = [
  { name: 'ar_coefficients', type: 'FLOAT64', mode: 'REPEATED' },
  { name: 'ma_coefficients', type: 'FLOAT64', mode: 'REPEATED' },
  { name: 'intercept_or_drift', type: 'FLOAT64' },
];

function float(name: string): Column {
  return { name, type: 'FLOAT64' };
}

function timestamp(name: string): Column {
  return { name, type: 'TIMESTAMP' };
}

function explainColumn(name: string): Column {
  return { name, type: name === 'time_series_type' ? 'STRING' : 'FLOAT64' };
}

/** Columns of the input that the model does not know, with their places. */
export function furtherColumns(
  columns: readonly Column[],
  { timestampColumn, dataColumn, idColumns }: SqlModelHeader,
): { readonly column: Column; readonly index: number }[] {
  const own = [timestampColumn, dataColumn, ...idColumns];
  return columns.flatMap((column, index) =>
    columnIndex(own, column.name) === undefined ? [{ column, index }] : [],
  );
}

const TIME_TYPES = ['TIMESTAMP', 'DATE', 'DATETIME'];
const NUMBER_TYPES = ['INT64', 'FLOAT64', 'NUMERIC'];

function checkInput(call: MlCallShape, header: SqlModelHeader): void {
  const { inputColumns } = call;
  const name = `ML.${call.function}`;
  if (call.function === 'DETECT_ANOMALIES' || call.function === 'EVALUATE') {
    if (inputColumns === undefined) return;
    if (call.function === 'DETECT_ANOMALIES' && Object.keys(call.settings).length === 0) {
      throw invalid(`${name} needs STRUCT(… AS anomaly_prob_threshold) before the input data.`);
    }
    const asked: [SqlModelColumn, string, readonly string[]][] = [
      [header.timestampColumn, 'TIME_SERIES_TIMESTAMP_COL', TIME_TYPES],
      [header.dataColumn, 'TIME_SERIES_DATA_COL', NUMBER_TYPES],
      ...header.idColumns.map((column): [SqlModelColumn, string, string[]] => {
        return [column, 'TIME_SERIES_ID_COL', [column.type]];
      }),
    ];
    for (const [column, option, types] of asked) checkColumn(name, inputColumns, column, option, types);
  } else if (inputColumns !== undefined) {
    throw invalid(`${name} takes no input data for an ARIMA_PLUS model.`);
  }
}

function checkColumn(
  call: string,
  columns: readonly Column[],
  { name }: SqlModelColumn,
  option: string,
  types: readonly string[],
): void {
  const at = columnIndex(columns, name);
  if (at === undefined) {
    throw invalid(`${call}: column ${name}, the ${option} of the model, is not in the input data.`);
  }
  const { type, mode } = columns[at]!;
  if (mode !== 'REPEATED' && types.includes(type)) return;
  const given = mode === 'REPEATED' ? `ARRAY<${type}>` : type;
  const hint =
    option === 'TIME_SERIES_TIMESTAMP_COL' && type === 'INT64' ? ` Use TIMESTAMP_SECONDS(${name}).` : '';
  throw invalid(`${call}: column ${name} must be of type ${types.join(', ')}, not ${given}.${hint}`);
}

function invalid(message: string): SqlError {
  return new SqlError('invalidQuery', message);
}
