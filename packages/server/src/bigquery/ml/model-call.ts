import type { UnjudgedReason } from '../../model/arima-unjudged.js';
import type { ArimaThreads } from '../../ports/arima-threads.js';
import type { OpenSqlModel } from '../../ports/sql-models.js';
import type { Column, MlFunction } from '../sql/plan.js';
import type { MlRows } from './ml-rows.js';

/** Rows of the input, series, or sums of a hierarchy, that the model has no answer for, and what can be done. */
export interface MlNote {
  readonly reason: UnjudgedReason | 'no_model' | 'no_sum';
  /** Of the input; so many series or sums where none is given. */
  readonly rows: number;
  /** A sentence with the number, the reason and the form that works. */
  readonly message: string;
}

/** What a call gives. */
export interface MlAnswer {
  readonly rows: MlRows;
  /** Of rows that the model has no answer for; empty where it has one for all. */
  readonly notes: readonly MlNote[];
}

/** One call of a table function, of a model that is open. */
export interface ModelCall {
  readonly name: MlFunction;
  readonly model: OpenSqlModel;
  /** Of the answer. */
  readonly columns: readonly Column[];
  readonly threads: ArimaThreads;
  readonly signal: AbortSignal | undefined;
}
