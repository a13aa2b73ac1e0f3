import type { ArimaFacts } from '../../model/arima-facts.js';
import { UNJUDGED_REASONS, type UnjudgedCounts, type UnjudgedReason } from '../../model/arima-unjudged.js';
import type { OpenSqlModel } from '../../ports/sql-models.js';
import type { MlNote, ModelCall } from './model-call.js';

/** Counts, put together series by series. */
export class UnjudgedTotal {
  readonly #counts = new Map<UnjudgedReason, number>();

  add(reason: UnjudgedReason, rows: number): void {
    if (rows > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + rows);
  }

  addAll(counts: UnjudgedCounts | undefined): void {
    for (const [reason, rows] of Object.entries(counts ?? {})) this.add(reason as UnjudgedReason, rows);
  }

  /** @param threshold of the call, for the form that works */
  notes({ name, model }: Pick<ModelCall, 'name' | 'model'>, threshold: number): MlNote[] {
    return UNJUDGED_REASONS.flatMap((reason) => {
      const rows = this.#counts.get(reason);
      if (rows === undefined) return [];
      const lack = name === 'DETECT_ANOMALIES' ? 'without a verdict (NULL)' : 'left out';
      const count = `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'} ${lack}`;
      return [{ reason, rows, message: `${count}: ${reasonText(reason, { name, model, threshold })}` }];
    });
  }
}

/** Series of the model that a call without data leaves out, and why the first of them has no model. */
export function withoutModelNotes({ header, series }: OpenSqlModel): MlNote[] {
  const own = `\`${header.dataset}.${header.model}\``;
  if (series.length === 0) return [{ reason: 'no_model', rows: 0, message: `${own} has no series yet.` }];
  const without = series.filter(({ facts }) => facts === undefined);
  const [first] = without;
  if (first === undefined) return [];
  const [few, all] = [without.length, series.length].map((count) => count.toLocaleString('en-US'));
  const name = first.ids.length === 0 ? '' : ` ${first.ids.map((id) => id ?? 'NULL').join(', ')}:`;
  const message =
    `${few} of ${all} series of ${own} left out, which ${without.length === 1 ? 'has' : 'have'} no model.` +
    `${name} ${first.errorMessage} ML.ARIMA_EVALUATE says why of each.`;
  return [{ reason: 'no_model', rows: without.length, message }];
}

interface Told extends Pick<ModelCall, 'name' | 'model'> {
  readonly threshold: number;
}

function reasonText(reason: UnjudgedReason, { name, model, threshold }: Told): string {
  const { header } = model;
  const own = `\`${header.dataset}.${header.model}\``;
  switch (reason) {
    case 'no_value':
      return `${header.dataColumn.name} is NULL or not finite.`;
    case 'no_timestamp':
      return `${header.timestampColumn.name} is NULL.`;
    case 'within_history': {
      const until = newest(model, ({ historyToMs }) => historyToMs);
      const form = `ML.DETECT_ANOMALIES(MODEL ${own}, STRUCT(${threshold} AS anomaly_prob_threshold))`;
      const what =
        name === 'DETECT_ANOMALIES'
          ? `Judge the history without input data: ${form}; or judge these rows`
          : 'Compare them';
      return `they lie within the history that ${own} was trained on${until}. ${what} by a model that was trained on the rows before them.`;
    }
    case 'past_horizon': {
      const until = newest(model, ({ horizonEndMs }) => horizonEndMs);
      const points = header.horizon.toLocaleString('en-US');
      return `they lie past the horizon of ${own}, ${points} time points after its history${until}. Train it anew on later rows, or with a larger HORIZON.`;
    }
    case 'off_frequency':
      return `their times are not on the frequency of ${own}${frequencies(model)}. Bring them onto it, as with TIMESTAMP_TRUNC.`;
    case 'unknown_series': {
      const ids = header.idColumns.map(({ name: column }) => column).join(', ');
      return `${own} has no model for their ${ids}. ML.ARIMA_EVALUATE says which series it has, and why others failed.`;
    }
  }
}

/** The last time of any series, in brackets. */
function newest({ series }: OpenSqlModel, of: (facts: ArimaFacts) => number): string {
  const lastMs = series.reduce((most, { facts }) => (facts ? Math.max(most, of(facts)) : most), -Infinity);
  return Number.isFinite(lastMs) ? ` (up to ${new Date(lastMs).toISOString()})` : '';
}

function frequencies({ series }: OpenSqlModel): string {
  const names = new Set(series.flatMap(({ facts }) => (facts === undefined ? [] : [facts.frequency])));
  return names.size === 0 ? '' : ` (${[...names].join(', ')})`;
}
