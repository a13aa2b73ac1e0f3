/** Why an item, or a field of it, was not accepted. A closed list: docs and self-metrics name the same. */
export const REJECT_CODES = [
  'not_json',
  'not_an_object',
  'timestamp_missing',
  'timestamp_not_finite',
  'timestamp_in_milliseconds',
  'timestamp_out_of_range',
  'timestamp_in_future',
  'timestamp_too_old',
  'no_values',
  'value_not_finite',
  'series_name_invalid',
  'labels_invalid',
  'label_name_invalid',
  'too_many_labels',
  'label_too_long',
  'series_limit',
] as const;
export type RejectCode = (typeof REJECT_CODES)[number];

/** How far ahead of the server's clock a sample may be; one that is farther is `timestamp_in_future`. */
export const FUTURE_MAX_MS = 3_600_000;

export interface Rejection {
  /** Position in the array that was sent; 0 for a single object. */
  readonly index: number;
  /** The field of that item, e.g. `latency` or `labels.service`; absent when the item as a whole is bad. */
  readonly field?: string;
  readonly code: RejectCode;
  /** What is wrong with the value and what would be right. */
  readonly message: string;
}

export interface IngestResult {
  /** Samples durable in the store. */
  readonly accepted: number;
  /** In the order sent, at most 1,000; `rejectedCount` counts all. */
  readonly rejected: readonly Rejection[];
  readonly rejectedCount: number;
}

/** Whether samples are taken; if not, why (half a sentence), and what to do about it. */
export interface Readiness {
  readonly ready: boolean;
  readonly reason?: string;
  readonly hint?: string;
}

/**
 * The one way in: HTTP, files and the host source all hand their items here. `items` is one object or an array
 * of objects `{timestamp, <series>: number, …, labels?}`. Good samples are stored even where others are bad;
 * resolves after they are durable. Rejects with an AppError: `queue_full`, `storage_full`, `not_ready` when
 * none of the good ones could be stored, `series_limit` when nothing got in and nothing but that limit was in
 * the way. Otherwise bad items never reject.
 */
export interface Ingest {
  ingest(items: unknown): Promise<IngestResult>;
  /** For a body that holds no items at all: counts it and gives the result to answer with. */
  refuse(code: 'not_json', message: string): IngestResult;
}
