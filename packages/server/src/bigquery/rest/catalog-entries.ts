import type { Column, Partitioning } from '../sql/plan.js';
import { RestError } from './rest-error.js';

/** What is kept of a dataset beside DuckDB's schema of the same name. */
export interface DatasetEntry {
  readonly dataset: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly location: string;
  readonly description?: string;
  readonly friendlyName?: string;
  readonly labels?: Labels;
  readonly defaultTableExpirationMs?: number;
  readonly defaultPartitionExpirationMs?: number;
  /** Part of Seismo: it cannot be dropped. */
  readonly builtIn?: true;
}

/** What is kept of a table beside DuckDB's; of a view all there is. */
export interface TableEntry {
  readonly dataset: string;
  readonly table: string;
  readonly kind: 'TABLE' | 'VIEW';
  readonly columns: readonly Column[];
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly description?: string;
  readonly friendlyName?: string;
  readonly labels?: Labels;
  readonly expirationMs?: number;
  readonly partitioning?: Partitioning;
  readonly partitionExpirationMs?: number;
  readonly requirePartitionFilter?: boolean;
  readonly clustering?: readonly string[];
  readonly viewQuery?: string;
  /** Of tables that are part of Seismo: SQL to read them by; they cannot be dropped or changed. */
  readonly readAs?: string;
  /** Of their views: GoogleSQL that gives the same, to be shown. */
  readonly shownQuery?: string;
  /** How to read them where a statement reads none of these columns. */
  readonly readWithout?: { readonly columns: readonly string[]; readonly readAs: string };
}

export type Labels = Readonly<Record<string, string>>;

/** The fields of an entry that OPTIONS(…) of a table, a view or a dataset set; null takes one away. */
export function fromSqlOptions(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    const set = SQL_OPTIONS[name];
    if (set !== undefined) fields[set.field] = value === null ? undefined : set.read(value);
  }
  return fields;
}

const DAY_MS = 86_400_000;
const days = (value: unknown) => Math.round(Number(value) * DAY_MS);
const asIs = (value: unknown) => value;

const SQL_OPTIONS: Readonly<Record<string, { field: string; read: (value: unknown) => unknown }>> = {
  description: { field: 'description', read: asIs },
  friendly_name: { field: 'friendlyName', read: asIs },
  labels: { field: 'labels', read: labelsOf },
  expiration_timestamp: { field: 'expirationMs', read: instantOf },
  partition_expiration_days: { field: 'partitionExpirationMs', read: days },
  require_partition_filter: { field: 'requirePartitionFilter', read: asIs },
  default_table_expiration_days: { field: 'defaultTableExpirationMs', read: days },
  default_partition_expiration_days: { field: 'defaultPartitionExpirationMs', read: days },
  location: { field: 'location', read: asIs },
};

/** Of a TIMESTAMP's text, whose zone is UTC or an offset. */
function instantOf(value: unknown): number {
  const text = String(value);
  const form = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ Tt](\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?))? ?(.*)$/;
  const [, year, month, day, hour = 0, minute = 0, second = 0, zone = ''] = form.exec(text) ?? [];
  const offset = /^(?:Z|UTC|)$/i.test(zone) ? ['', '+', '0', '0'] : /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone);
  const localMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  if (offset === null || Number.isNaN(localMs)) {
    throw new RestError(
      'invalidQuery',
      `expiration_timestamp must be a TIMESTAMP in UTC or with an offset such as +02:00, not ${JSON.stringify(text)}`,
      'query',
    );
  }
  const minutes = Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3] ?? 0));
  return Math.round(localMs + Number(second) * 1000 - minutes * 60_000);
}

/** An array of (key, value), as pairs or as structs. */
function labelsOf(value: unknown): Labels {
  const pairs = (value as readonly unknown[]).map((one) => {
    const [key, label] = Array.isArray(one) ? one : Object.values(one as object);
    return [String(key), String(label)] as const;
  });
  return Object.fromEntries(pairs);
}
