/**
 * What BigQuery SQL becomes: plans, one statement after the other. Text in, plans out, without any I/O; whoever
 * runs them does what each one says, in order, on one DuckDB connection:
 *
 *     await followScript(planScript(sql, options, evaluate), async (plan) => run(plan));
 *
 * A plan's `relations` are temporary tables that its SQL reads and that do not exist yet: whoever runs the plan makes
 * each of them first (`CREATE TEMP TABLE` with `columns`, see duckdb-columns.ts) and drops them
 * afterwards. Values of parameters are already in the SQL, as literals.
 *
 * The connection needs the statements of macros.ts once, and DuckDB's TimeZone must be UTC: it is no setting of an
 * instance, so `SET GLOBAL TimeZone = 'UTC'` goes before the configuration is locked. What fails while it runs is put
 * into BigQuery's words by runtime-errors.ts.
 */
export type ScalarType =
  | 'INT64'
  | 'FLOAT64'
  | 'NUMERIC'
  | 'BOOL'
  | 'STRING'
  | 'BYTES'
  | 'DATE'
  | 'TIME'
  | 'DATETIME'
  | 'TIMESTAMP'
  | 'JSON'
  | 'INTERVAL';

export type BigQueryType = ScalarType | 'STRUCT';

/** A column, or a field of a STRUCT, as GoogleSQL names types; rest/table-schema.ts gives REST's names. */
export interface Column {
  readonly name: string;
  readonly type: BigQueryType;
  /** NULLABLE where nothing is said. */
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED';
  readonly fields?: readonly Column[];
  readonly description?: string;
  /** GoogleSQL's text of what a row gets that names no value. */
  readonly defaultValueExpression?: string;
  /** Of STRING(L) and BYTES(L). */
  readonly maxLength?: number;
}

export interface TableName {
  readonly projectId: string;
  readonly dataset: string;
  readonly table: string;
}

export interface CatalogTable {
  readonly kind: 'table' | 'view';
  readonly columns: readonly Column[];
  /** GoogleSQL of a view: compiled anew where it is read. A view without it is one of DuckDB's own. */
  readonly viewQuery?: string;
  /** SQL of the relation to read instead of "dataset"."table", such as a subquery that renames columns. */
  readonly readAs?: string;
  /** What to read instead where a statement reads none of these columns: it takes less time. */
  readonly readWithout?: { readonly columns: readonly string[]; readonly readAs: string };
}

/** What there is. Names of datasets and tables are case-sensitive, as in BigQuery. */
export interface CatalogView {
  dataset(dataset: string): boolean;
  table(dataset: string, table: string): CatalogTable | undefined;
  /** The names of all tables and views, the youngest last. */
  tables(dataset: string): readonly string[];
  model(dataset: string, model: string): boolean;
  /**
   * The columns that a call gives, before it runs: they depend on the model's columns. Throws SqlError (without a
   * position) where arguments are wrong.
   */
  mlColumns(call: MlCallShape): readonly Column[];
}

/** As REST sends them: `parameterType` and `parameterValue` of jobs.query's queryParameters. */
export interface QueryParameter {
  readonly name?: string;
  readonly parameterType: ParameterType;
  readonly parameterValue?: ParameterValue;
}

export interface ParameterType {
  readonly type: string;
  readonly arrayType?: ParameterType;
  readonly structTypes?: readonly { readonly name?: string; readonly type: ParameterType }[];
}

export interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
  readonly structValues?: Readonly<Record<string, ParameterValue>>;
}

export interface TranslateOptions {
  readonly projectId: string;
  readonly defaultDataset?: string;
  /** As BigQuery names it in messages: US where nothing is said. */
  readonly location?: string;
  readonly catalog: CatalogView;
  readonly parameters?: readonly QueryParameter[];
}

export type MlFunction =
  | 'FORECAST'
  | 'DETECT_ANOMALIES'
  | 'EVALUATE'
  | 'ARIMA_EVALUATE'
  | 'ARIMA_COEFFICIENTS'
  | 'EXPLAIN_FORECAST';

export interface MlCallShape {
  readonly function: MlFunction;
  readonly model: TableName;
  /** Fields of the STRUCT argument, names in lower case: numbers, texts, booleans, arrays of them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Columns of the input, where there is one. */
  readonly inputColumns?: readonly Column[];
}

/** A temporary table that a plan's SQL reads: what a model says, or what INFORMATION_SCHEMA knows. */
export type Relation = MlRelation | InformationSchemaRelation;

export interface MlRelation extends MlCallShape {
  readonly kind: 'ml';
  /** Name of the temporary table. */
  readonly relation: string;
  readonly columns: readonly Column[];
  readonly input?: QueryPlan;
  readonly position: Position;
}

export interface InformationSchemaRelation {
  readonly kind: 'informationSchema';
  readonly relation: string;
  readonly view: 'SCHEMATA' | 'TABLES' | 'COLUMNS';
  /** Undefined: every dataset of the project. */
  readonly dataset?: string;
  readonly columns: readonly Column[];
}

/** Where something stands in the text, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface QueryPlan {
  readonly kind: 'query';
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly relations: readonly Relation[];
  /** Tables and views that are named, for statistics. */
  readonly tables: readonly TableName[];
}

/** DuckDB's answer to `sql` says how many rows changed. */
export interface DmlPlan {
  readonly kind: 'dml';
  readonly operation: 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE' | 'TRUNCATE_TABLE';
  readonly target: TableName;
  readonly sql: string;
  readonly relations: readonly Relation[];
  readonly tables: readonly TableName[];
  /** MERGE: the same, giving INSERT, UPDATE or DELETE for each row; absent where a column of the target hides it. */
  readonly actionsSql?: string;
  /** INSERT: the rows to be inserted, in the target's column names; those not named are not in it. */
  readonly source?: QueryPlan;
}

export type DdlOperation =
  | 'CREATE_SCHEMA'
  | 'DROP_SCHEMA'
  | 'CREATE_TABLE'
  | 'CREATE_TABLE_AS_SELECT'
  | 'CREATE_VIEW'
  | 'DROP_TABLE'
  | 'DROP_VIEW'
  | 'ALTER_TABLE'
  | 'ALTER_SCHEMA'
  | 'ALTER_VIEW';

export interface Partitioning {
  readonly type: 'DAY' | 'HOUR' | 'MONTH' | 'YEAR' | 'RANGE';
  /** Undefined: by ingestion time. */
  readonly field?: string;
  readonly range?: { readonly start: string; readonly end: string; readonly interval: string };
}

/** What a table is to be afterwards; of ALTER only what changes (columns: all of them, as they are then). */
export interface TableDefinition {
  readonly columns?: readonly Column[];
  readonly partitioning?: Partitioning;
  readonly clustering?: readonly string[];
  /** OPTIONS(…): names in lower case; TIMESTAMP and DATE as text. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** GoogleSQL of a view. Views are not made in DuckDB: they are compiled where they are read. */
  readonly viewQuery?: string;
  /** CREATE TABLE LIKE and COPY: the table from which comes what is not said here. */
  readonly like?: TableName;
  /** ALTER TABLE … RENAME TO. */
  readonly newName?: string;
}

export interface DdlPlan {
  readonly kind: 'ddl';
  readonly operation: DdlOperation;
  /** `table` is empty for schemas; `dataset` is empty for temporary tables. */
  readonly target: TableName;
  /** Statements for DuckDB, to be run in one transaction with the change of what the catalog keeps. */
  readonly sql: readonly string[];
  readonly temporary: boolean;
  /** IF NOT EXISTS and it is there, or IF EXISTS and it is not: nothing is to be done. */
  readonly skipped: boolean;
  /** OR REPLACE, and there is one that goes. */
  readonly replaces: boolean;
  /** DROP SCHEMA … CASCADE. */
  readonly cascade?: boolean;
  readonly definition: TableDefinition;
  readonly relations: readonly Relation[];
  readonly tables: readonly TableName[];
}

export interface CreateModelPlan {
  readonly kind: 'createModel';
  readonly target: TableName;
  readonly orReplace: boolean;
  readonly skipped: boolean;
  /** Names in upper case: texts, numbers (INT64 and FLOAT64), booleans, arrays of them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly query: QueryPlan;
  readonly customHolidays?: QueryPlan;
}

export interface DropModelPlan {
  readonly kind: 'dropModel';
  readonly target: TableName;
  readonly skipped: boolean;
}

/** DECLARE and SET: SQL that changes state of the connection and gives no rows. */
export interface VariablePlan {
  readonly kind: 'declare' | 'set';
  readonly sql: readonly string[];
  readonly relations: readonly Relation[];
  readonly tables: readonly TableName[];
}

export type Plan = QueryPlan | DmlPlan | DdlPlan | CreateModelPlan | DropModelPlan | VariablePlan;

export type SqlErrorReason = 'invalidQuery' | 'notFound' | 'duplicate' | 'invalid' | 'accessDenied';

/** A statement that cannot be run, in BigQuery's words; the position stands at the end as BigQuery writes it. */
export class SqlError extends Error {
  readonly reason: SqlErrorReason;
  readonly position: Position | undefined;

  constructor(reason: SqlErrorReason, message: string, position?: Position) {
    super(position === undefined ? message : `${message} at [${position.line}:${position.column}]`);
    this.name = 'SqlError';
    this.reason = reason;
    this.position = position;
  }
}
