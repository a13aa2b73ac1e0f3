import { hierarchyOf } from '@seismo/engine';
import { idsKey, sumsAbove } from '../../model/arima-sums.js';
import type { OpenSqlModel, SqlModelHeader, SqlModelId } from '../../ports/sql-models.js';
import { modelledSeries } from './ask-series.js';
import type { MlNote } from './model-call.js';
import { idValue } from './series-numbers.js';

/** A sum of series of a model, which rows name by NULL in the columns that it is over. */
export interface ModelSum {
  readonly ids: readonly SqlModelId[];
  /** Of its series that have a model. */
  readonly numbers: readonly number[];
}

/** All sums of the hierarchy of a model; one with the ids of a series is that series. */
export function sumsOf(model: OpenSqlModel): readonly ModelSum[] {
  const { header, series } = model;
  if (header.hierarchicalColumns.length === 0) return [];
  const known = new Set(series.map(({ ids }) => idsKey(ids)));
  const modelled = modelledSeries(model).map((number) => ({ ids: series[number]!.ids, number }));
  const levels = hierarchyOf(idColumnNames(header), header.hierarchicalColumns);
  return sumsAbove(modelled, levels).filter(({ ids }) => {
    const key = idsKey(ids);
    return !known.has(key) && known.add(key);
  });
}

export function idColumnNames({ idColumns }: SqlModelHeader): string[] {
  return idColumns.map(({ name }) => name);
}

/** Of any series. */
export function newestHistoryMs({ series }: OpenSqlModel): number {
  return series.reduce((newest, { facts }) => Math.max(newest, facts?.historyToMs ?? newest), -Infinity);
}

export function sumNote(
  header: SqlModelHeader,
  ids: readonly SqlModelId[],
  reason: string,
  rows = 1,
): MlNote {
  const group = idColumnNames(header).map((name, at) => `${name} ${ids[at] ?? 'NULL'}`);
  return { reason: 'no_sum', rows, message: `No answer for the sum of ${group.join(', ')}: ${reason}` };
}

/** The same in all rows. */
export function pieceOfIds(
  { idColumns }: SqlModelHeader,
  ids: readonly SqlModelId[],
): { readonly all: unknown }[] {
  return idColumns.map(({ type }, at) => ({ all: idValue(ids[at]!, type) }));
}

export function idPieces({ header, series }: OpenSqlModel, number: number): { readonly all: unknown }[] {
  return pieceOfIds(header, series[number]!.ids);
}
