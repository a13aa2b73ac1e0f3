import type { Column } from '../sql/plan.js';
import { quoteName } from '../sql/types.js';
import type { StreamType } from './write-requests.js';

/** What is kept of a stream that a client made, in seismo_store.sql_write_streams. */
export interface StreamRecord {
  readonly id: string;
  /** `projects/P/datasets/D/tables/T` */
  readonly table: string;
  readonly type: StreamType;
  readonly createdMs: number;
  readonly usedMs: number;
  /** Rows appended so far: the offset of the next one. */
  readonly rows: number;
  readonly finalized: boolean;
  /** PENDING: when its rows came into the table. */
  readonly committedMs?: number;
  /** BUFFERED: rows that are in the table. */
  readonly flushedRows: number;
  /** PENDING and BUFFERED: columns of the table as they were when the stream was made; rows waiting have them. */
  readonly columns?: readonly Column[];
}

const TABLE = 'seismo_store.sql_write_streams';
/** Place of a row in its stream. */
export const ROW_NUMBER = '_seismo_row';

export const SELECT_STREAMS = `SELECT about FROM ${TABLE}`;

export function insertStream(record: StreamRecord): string {
  return `INSERT INTO ${TABLE} VALUES (${quoted(record.id)}, ${quoted(JSON.stringify(record))})`;
}

export function updateStream(record: StreamRecord): string {
  return `UPDATE ${TABLE} SET about = ${quoted(JSON.stringify(record))} WHERE id = ${quoted(record.id)}`;
}

export function deleteStream({ id }: StreamRecord): string {
  return `DELETE FROM ${TABLE} WHERE id = ${quoted(id)}`;
}

/** Rows that wait for their commit or flush lie in a table of their own. */
export function waitingTable({ id }: Pick<StreamRecord, 'id'>): { schema: string; name: string } {
  return { schema: 'seismo_store', name: `sql_waiting_${id}` };
}

export function waitingTableSql(record: Pick<StreamRecord, 'id'>): string {
  const { schema, name } = waitingTable(record);
  return `${schema}.${quoteName(name)}`;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
