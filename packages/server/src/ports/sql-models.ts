import type { ArimaFacts } from '../model/arima-facts.js';

/**
 * Models that CREATE MODEL made, each of one or many series. A model is there whole or not at all, and stays as it
 * was made until it is replaced or removed: who has opened one reads the old to its end. Names are told apart by
 * case. Failures of the disk reject with an AppError (`storage_full`, `not_ready`), a file that is damaged or of
 * another version with `not_ready`.
 */
export interface SqlModels {
  /** Of one dataset, by name. */
  list(dataset: string): readonly SqlModelHeader[];
  get(name: SqlModelName): SqlModelHeader | undefined;
  /** Undefined where there is none. The caller closes it. */
  open(name: SqlModelName): Promise<OpenSqlModel | undefined>;
  /** Takes series one by one; nothing is seen of them before `finish`. */
  create(): Promise<NewSqlModel>;
  /** Resolves with whether there was one. */
  remove(name: SqlModelName): Promise<boolean>;
}

/** What the server trains by itself, as one model that may be asked and nothing else. */
export interface ServerSqlModel {
  header(): SqlModelHeader;
  /** Series that are trained again meanwhile are asked by the newer training. */
  open(): Promise<OpenSqlModel>;
}

export interface SqlModelName {
  readonly dataset: string;
  readonly model: string;
}

/** What there is to say of a model as a whole; plain data. */
export interface SqlModelHeader extends SqlModelName {
  readonly createdMs: number;
  /** Differs from the first where the model replaced one. */
  readonly trainedMs: number;
  readonly trainingSeconds: number;
  /** As CREATE MODEL gave them, by their names in upper case. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly timestampColumn: SqlModelColumn;
  readonly dataColumn: SqlModelColumn;
  readonly idColumns: readonly SqlModelColumn[];
  /** HIERARCHICAL_TIME_SERIES_COLS, the parent first; empty if there is no hierarchy. */
  readonly hierarchicalColumns: readonly string[];
  /** HORIZON; where series have their own, the largest. */
  readonly horizon: number;
  /** Rows that it was trained on, and their series. */
  readonly rows: number;
  readonly series: number;
  /** The server trains it by itself: it cannot be replaced or removed. */
  readonly isServers?: boolean;
  /** Series that have no model, with their reason in their row. */
  readonly failedSeries: number;
}

/** Of the query that the model was trained on. */
export interface SqlModelColumn {
  readonly name: string;
  /** BigQuery's, in upper case. */
  readonly type: string;
}

/** Strings, numbers, truths and null; an INT64 that no number holds is a string of digits. */
export type SqlModelId = string | number | boolean | null;

export interface SqlModelSeries {
  /** In the order of the id columns. */
  readonly ids: readonly SqlModelId[];
  /** Undefined where there is no model. */
  readonly facts: ArimaFacts | undefined;
  /** Why there is no model, or that it is no more than a constant; empty otherwise. */
  readonly errorMessage: string;
  /** Where it may be less than that of the model as a whole. */
  readonly horizon?: number;
}

export interface OpenSqlModel {
  readonly header: SqlModelHeader;
  /** In the order in which they first stood in the training data. */
  readonly series: readonly SqlModelSeries[];
  /**
   * Saved models of some series, by their numbers, ascending; undefined for a series without one. They share a few
   * buffers, which are the caller's.
   * @param part `ahead`: without history and candidates
   */
  models(numbers: readonly number[], part: 'ahead' | 'whole'): Promise<readonly (Uint8Array | undefined)[]>;
  close(): Promise<void>;
}

export interface NewSqlModel {
  add(series: SqlModelSeries, saved: { ahead: Uint8Array; whole: Uint8Array } | undefined): Promise<void>;
  /** Puts the model in its place. Resolves with false, having changed nothing, if one is there and may not be replaced. */
  finish(header: SqlModelHeader, options: { readonly replace: boolean }): Promise<boolean>;
  /** Leaves nothing of it. Does nothing after `finish`. */
  abandon(): Promise<void>;
}
