import type { EngineValue } from '../../ports/sql-engine.js';
import type { Column } from '../sql/plan.js';
import { quoteName } from '../sql/types.js';
import type { TableEntry } from './catalog-entries.js';
import { rowOfObject } from './cell-values.js';
import { type Endpoint, inSession } from './endpoint.js';
import { passingColumns, tableSql } from './table-sql.js';

/** A row of `insertAll`, read. */
export interface StreamedRow {
  /** Its position in the request. */
  readonly index: number;
  readonly values: readonly EngineValue[];
  /** What it has values for: all columns of the table, but for those that get their default. */
  readonly columns: readonly Column[];
}

const STAGING = 'streamed_rows';

/** Throws a CellError. A field that is left out gets the default value of its column. */
export function readStreamed(
  json: unknown,
  index: number,
  entry: TableEntry,
  ignoreUnknown: boolean,
): StreamedRow {
  const columns = givenColumns(json, entry.columns);
  return { index, columns, values: rowOfObject(json, columns, { ignoreUnknown, jsonAsText: true }) };
}

function givenColumns(json: unknown, columns: readonly Column[]): readonly Column[] {
  if (columns.every(({ defaultValueExpression }) => defaultValueExpression === undefined)) return columns;
  const given = new Set(Object.keys((json ?? {}) as object).map((name) => name.toLowerCase()));
  return columns.filter(
    ({ name, defaultValueExpression }) =>
      defaultValueExpression === undefined || given.has(name.toLowerCase()),
  );
}

/** All of the rows or, where it fails, none. */
export async function appendStreamed(
  endpoint: Endpoint,
  entry: TableEntry,
  rows: readonly StreamedRow[],
): Promise<void> {
  const { dataset: schema, table: name } = entry;
  if (rows.every(({ columns }) => columns.length === entry.columns.length)) {
    await endpoint.session.append({ schema, name }, byColumn(rows, entry.columns.length), rows.length);
    return;
  }
  await inSession(endpoint, async (session) => {
    await session.run('BEGIN');
    for (const alike of byShape(rows)) {
      const { columns } = alike[0]!;
      if (columns.length === 0) {
        for (const _ of alike) await session.run(`INSERT INTO ${tableSql(entry)} DEFAULT VALUES`);
        continue;
      }
      const names = columns.map((column) => quoteName(column.name)).join(', ');
      await session.run(`CREATE OR REPLACE TEMP TABLE ${STAGING} (${passingColumns(columns)})`);
      await session.append({ name: STAGING }, byColumn(alike, columns.length), alike.length);
      await session.run(`INSERT INTO ${tableSql(entry)} (${names}) SELECT ${names} FROM ${STAGING}`);
    }
    await session.run('COMMIT');
  });
}

function byColumn(rows: readonly StreamedRow[], count: number): EngineValue[][] {
  return Array.from({ length: count }, (_, column) => rows.map(({ values }) => values[column]!));
}

/** Rows of the same columns together. */
function byShape(rows: readonly StreamedRow[]): StreamedRow[][] {
  const shapes = new Map<string, StreamedRow[]>();
  for (const row of rows) {
    const shape = row.columns.map(({ name }) => name).join(' ');
    const alike = shapes.get(shape);
    if (alike === undefined) shapes.set(shape, [row]);
    else alike.push(row);
  }
  return [...shapes.values()];
}
