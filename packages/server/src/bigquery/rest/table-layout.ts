import type { BigQueryType, Partitioning } from '../sql/plan.js';
import { fieldOf } from '../sql/types.js';
import type { TableEntry } from './catalog-entries.js';
import { type Fields, object, text } from './request.js';
import { RestError } from './rest-error.js';

/** Partitions and clusters of a table: kept and shown; DuckDB has neither. */

const TIMES: readonly BigQueryType[] = ['TIMESTAMP', 'DATE', 'DATETIME'];

/** Fields that a table is divided by must be columns of it, of a type that divides. */
export function checkLayout({ columns, partitioning, clustering = [] }: TableEntry): void {
  const find = (name: string, use: string) => {
    const found = fieldOf(columns, name);
    if (found !== undefined) return found;
    throw new RestError(
      'invalid',
      `The field specified for ${use} cannot be found in the schema. Invalid field: ${name}.`,
    );
  };
  for (const name of clustering) find(name, 'clustering');
  if (partitioning?.field === undefined) return;
  const { type } = find(partitioning.field, 'partitioning');
  const suits = partitioning.type === 'RANGE' ? type === 'INT64' : TIMES.includes(type);
  if (suits) return;
  const wanted = partitioning.type === 'RANGE' ? 'INTEGER' : 'TIMESTAMP, DATE or DATETIME';
  throw new RestError(
    'invalid',
    `The field specified for partitioning can only be of type ${wanted}. The type found is: ${type}.`,
  );
}

export function partitioningResource({
  partitioning,
  partitionExpirationMs,
  requirePartitionFilter,
}: TableEntry) {
  if (partitioning === undefined) return {};
  const { type, field, range } = partitioning;
  const required = requirePartitionFilter === true ? { requirePartitionFilter } : {};
  if (type === 'RANGE') return { rangePartitioning: { field, range }, ...required };
  return {
    timePartitioning: {
      type,
      ...(field === undefined ? {} : { field }),
      ...(partitionExpirationMs === undefined ? {} : { expirationMs: String(partitionExpirationMs) }),
    },
    ...required,
  };
}

export function timePartitioning({ type, field }: Fields): Partitioning {
  const by = text(type, 'timePartitioning.type') ?? 'DAY';
  if (by !== 'DAY' && by !== 'HOUR' && by !== 'MONTH' && by !== 'YEAR') {
    throw new RestError('invalid', `Invalid value for timePartitioning.type: ${by}`, 'timePartitioning.type');
  }
  const column = text(field, 'timePartitioning.field');
  return column === undefined ? { type: by } : { type: by, field: column };
}

export function rangePartitioning({ field, range }: Fields): Partitioning {
  const { start, end, interval } = object(range, 'rangePartitioning.range') ?? {};
  return {
    type: 'RANGE',
    field: text(field, 'rangePartitioning.field') ?? '',
    range: { start: String(start), end: String(end), interval: String(interval) },
  };
}
