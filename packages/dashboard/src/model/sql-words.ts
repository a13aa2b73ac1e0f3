import type { StatementResult } from '../api/sql-jobs.js';

const KINDS: Readonly<Record<string, string>> = {
  SCHEMA: 'dataset',
  TABLE: 'table',
  TABLE_AS_SELECT: 'table',
  VIEW: 'view',
  MODEL: 'model',
};
const CHANGES: Readonly<Record<string, string>> = {
  INSERT: 'inserted',
  UPDATE: 'updated',
  DELETE: 'deleted',
  TRUNCATE_TABLE: 'deleted',
  MERGE: 'changed',
};

/** `3 rows inserted`, `Created table shop.orders`: what a statement did. */
export function statementWords({ statistics, fields, rowCount }: StatementResult): string {
  if (fields !== null) return countWords(rowCount);
  const { statementType = '', ddlOperationPerformed: done } = statistics;
  const change = CHANGES[statementType];
  if (change !== undefined) return `${countWords(Number(statistics.numDmlAffectedRows ?? 0))} ${change}`;
  if (done === undefined) return 'Done';
  const { ddlTargetTable: table, ddlTargetDataset: dataset } = statistics;
  const [verb = '', ...rest] = statementType.split('_');
  const kind = KINDS[rest.join('_')] ?? rest.join(' ').toLowerCase();
  const name = [table?.datasetId ?? dataset?.datasetId, table?.tableId].filter(Boolean).join('.');
  if (done === 'SKIP') {
    return verb === 'DROP'
      ? `There is no ${kind} ${name} to drop`
      : `There is a ${kind} ${name} already; it stays`;
  }
  const words = { CREATE: 'Created', REPLACE: 'Replaced', DROP: 'Dropped' }[done] ?? 'Changed';
  return `${words} ${kind} ${name}`;
}

export function countWords(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`;
}

/** Where in a text a message's [line:column] is; null where it names none that is there. */
export function placeIn(sql: string, message: string): number | null {
  const [, line = '', column = ''] = /\[(\d+):(\d+)\]/.exec(message) ?? [];
  const lines = sql.split('\n');
  const text = lines[Number(line) - 1];
  if (text === undefined || Number(column) < 1 || Number(column) > text.length + 1) return null;
  const before = lines.slice(0, Number(line) - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return before + Number(column) - 1;
}
