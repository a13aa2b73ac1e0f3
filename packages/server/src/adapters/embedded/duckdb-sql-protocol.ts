import type { EngineColumn, EngineTable, SqlEngineErrorKind } from '../../ports/sql-engine.js';

/** What is asked of a connection for SQL across threads. */
export type SqlCall =
  | { readonly name: 'run' | 'counts' | 'check' | 'rows' | 'columns'; readonly sql: string }
  | {
      readonly name: 'append';
      readonly table: EngineTable;
      readonly columns: readonly EngineColumn[];
      readonly rowCount: number;
    };

/** What became of it: failures travel as values, since threads lose the class of an error. */
export type SqlReply<Result = unknown> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly kind: SqlEngineErrorKind; readonly message: string };
