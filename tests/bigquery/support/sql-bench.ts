import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { restRowSql } from '@seismo/server/bigquery/rest/row-format';
import { type RestField, toRestFields } from '@seismo/server/bigquery/rest/table-schema';
import { duckDbColumns } from '@seismo/server/bigquery/sql/duckdb-columns';
import { MACRO_STATEMENTS } from '@seismo/server/bigquery/sql/macros';
import type {
  CatalogTable,
  CatalogView,
  Column,
  DdlPlan,
  MlCallShape,
  Plan,
  QueryParameter,
  QueryPlan,
  TranslateOptions,
} from '@seismo/server/bigquery/sql/plan';
import { runtimeError } from '@seismo/server/bigquery/sql/runtime-errors';
import { followScript, planScript } from '@seismo/server/bigquery/sql/script';
import { columnType, duckDbType } from '@seismo/server/bigquery/sql/types';

/** REST's cells: every value a text, arrays as lists of `{v}`, structs as `{f}`. */
export type RestValue =
  | string
  | null
  | readonly { readonly v: RestValue }[]
  | { readonly f: readonly { readonly v: RestValue }[] };

export interface Answer {
  readonly fields: readonly RestField[];
  readonly rows: readonly (readonly RestValue[])[];
  /** DuckDB's types of the columns. */
  readonly duckDbTypes: readonly string[];
  /** Of statements without rows: how many they changed. */
  readonly changed: number;
  readonly plans: readonly Plan[];
}

const MODEL_COLUMNS: readonly Column[] = [
  { name: 'timestamp', type: 'TIMESTAMP' },
  { name: 'latency', type: 'FLOAT64' },
  { name: 'is_anomaly', type: 'BOOL' },
  { name: 'lower_bound', type: 'FLOAT64' },
  { name: 'upper_bound', type: 'FLOAT64' },
  { name: 'anomaly_probability', type: 'FLOAT64' },
];

/** Translated SQL on a DuckDB in memory that is shut as the server's is, with a catalog that follows the plans. */
export class SqlBench implements CatalogView {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #datasets = new Set<string>();
  readonly #tables = new Map<string, CatalogTable>();
  readonly models = new Set<string>();
  /** What ML functions were asked. */
  readonly mlCalls: MlCallShape[] = [];
  mlOutput: readonly Column[] = MODEL_COLUMNS;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(): Promise<SqlBench> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      enable_external_access: 'false',
      autoload_known_extensions: 'false',
      autoinstall_known_extensions: 'false',
    });
    const connection = await instance.connect();
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    await connection.run('SET lock_configuration = true');
    for (const statement of MACRO_STATEMENTS) await connection.run(statement);
    return new SqlBench(instance, connection);
  }

  dataset(dataset: string): boolean {
    return this.#datasets.has(dataset);
  }

  table(dataset: string, table: string): CatalogTable | undefined {
    return this.#tables.get(`${dataset}.${table}`);
  }

  tables(dataset: string): readonly string[] {
    const prefix = `${dataset}.`;
    return [...this.#tables.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  model(dataset: string, model: string): boolean {
    return this.models.has(`${dataset}.${model}`);
  }

  mlColumns(call: MlCallShape): readonly Column[] {
    this.mlCalls.push(call);
    return this.mlOutput;
  }

  options(parameters: readonly QueryParameter[] = []): TranslateOptions {
    return { projectId: 'test', catalog: this, parameters };
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** DuckDB's types that the last query of some plans should give. */
  typesOf(plans: readonly Plan[]): string[] {
    const query = plans.findLast((plan) => plan.kind === 'query');
    if (query?.kind !== 'query') return [];
    return query.columns.map((column) => duckDbName(duckDbType(columnType(column))));
  }

  /** Names of all functions that DuckDB has. */
  async duckDbFunctions(): Promise<string[]> {
    const reader = await this.#connection.runAndReadAll(
      'SELECT DISTINCT function_name FROM duckdb_functions()',
    );
    return reader.getRows().map(([name]) => String(name));
  }

  /** Names of DuckDB's own macros that write an argument more than once. */
  async copyingMacros(): Promise<string[]> {
    const reader = await this.#connection.runAndReadAll(
      "SELECT function_name, parameters, macro_definition FROM duckdb_functions() WHERE function_type = 'macro' AND internal",
    );
    const found = reader.getRowsJS() as [string, string[], string][];
    return found
      .filter(([, names, body]) => names.some((name) => body.split(new RegExp(`\\b${name}\\b`)).length > 2))
      .map(([name]) => name);
  }

  /** Runs a text to its end; the answer is that of its last statement that gives one. */
  async run(sql: string, parameters: readonly QueryParameter[] = []): Promise<Answer> {
    const plans: Plan[] = [];
    let answer: Omit<Answer, 'plans'> = { fields: [], rows: [], duckDbTypes: [], changed: 0 };
    const evaluate = async (plan: QueryPlan) =>
      (await this.#execute(plan)).rows[0]?.map((value, i) =>
        plan.columns[i]?.type === 'BOOL' ? value === 'true' : value,
      );
    await followScript(planScript(sql, this.options(parameters), evaluate), async (plan) => {
      plans.push(plan);
      const found = await this.#execute(plan);
      if (plan.kind === 'query' || plan.kind === 'dml') answer = found;
    });
    return { ...answer, plans };
  }

  async #execute(plan: Plan): Promise<Omit<Answer, 'plans'>> {
    try {
      if (plan.kind === 'createModel') this.models.add(`${plan.target.dataset}.${plan.target.table}`);
      if (plan.kind === 'dropModel') this.models.delete(`${plan.target.dataset}.${plan.target.table}`);
      if (plan.kind === 'createModel' || plan.kind === 'dropModel') return this.#nothing();
      for (const { relation, columns } of plan.relations) {
        await this.#connection.run(`CREATE OR REPLACE TEMP TABLE ${relation} (${duckDbColumns(columns)})`);
      }
      if (plan.kind === 'ddl') this.#remember(plan);
      let last = this.#nothing();
      for (const sql of typeof plan.sql === 'string' ? [plan.sql] : plan.sql)
        last = await this.#query(sql, plan);
      return last;
    } catch (error) {
      throw runtimeError(String((error as Error).message)) ?? error;
    }
  }

  #nothing(): Omit<Answer, 'plans'> {
    return { fields: [], rows: [], duckDbTypes: [], changed: 0 };
  }

  /** As the endpoint does: the rows are kept, and written as REST has them by DuckDB itself. */
  async #query(sql: string, plan: Plan): Promise<Omit<Answer, 'plans'>> {
    if (plan.kind !== 'query') {
      const reader = await this.#connection.runAndReadAll(sql);
      return { ...this.#nothing(), changed: Number(reader.getRows()[0]?.[0] ?? 0) };
    }
    await this.#connection.run(`CREATE OR REPLACE TEMP TABLE query_result AS ${sql}`);
    const kept = await this.#connection.runAndReadAll('SELECT * FROM query_result LIMIT 0');
    const reader = await this.#connection.runAndReadAll(
      `SELECT ${restRowSql(plan.columns)} FROM query_result`,
    );
    const rows = reader.getRows().map(([row]) => (JSON.parse(String(row)) as { f: { v: RestValue }[] }).f);
    return {
      fields: toRestFields(plan.columns),
      rows: rows.map((row) => row.map(({ v }) => v)),
      duckDbTypes: kept.columnTypes().map(String),
      changed: 0,
    };
  }

  #remember({ operation, target, definition, skipped, temporary }: DdlPlan): void {
    if (skipped || temporary) return;
    const key = `${target.dataset}.${target.table}`;
    const before = this.#tables.get(key);
    if (operation === 'CREATE_SCHEMA') this.#datasets.add(target.dataset);
    else if (operation === 'DROP_SCHEMA') this.#datasets.delete(target.dataset);
    else if (operation.startsWith('DROP_')) this.#tables.delete(key);
    else if (operation.startsWith('CREATE_')) {
      const { columns = [], viewQuery } = definition;
      const kind = operation === 'CREATE_VIEW' ? 'view' : 'table';
      this.#tables.set(key, { kind, columns, ...(viewQuery === undefined ? {} : { viewQuery }) });
    } else if (before !== undefined && definition.newName !== undefined) {
      this.#tables.delete(key);
      this.#tables.set(`${target.dataset}.${definition.newName}`, before);
    } else if (before !== undefined && definition.columns !== undefined) {
      this.#tables.set(key, { ...before, columns: definition.columns });
    }
  }
}

/** A type as DuckDB's client writes it. */
function duckDbName(type: string): string {
  return type.replaceAll('TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE').replaceAll('JSON', 'VARCHAR');
}

/** REST's nested values as plain ones: arrays as arrays, structs as lists of their fields' values. */
export function plain(value: RestValue): unknown {
  if (value === null || typeof value === 'string') return value;
  if ('f' in value) return value.f.map(({ v }) => plain(v));
  return value.map(({ v }) => plain(v));
}

/** `x INTEGER, y STRING[]`. */
export function fieldTexts(fields: readonly RestField[]): string {
  return fields.map(fieldText).join(', ');
}

function fieldText({ name, type, mode, fields }: RestField): string {
  const inner = fields === undefined ? '' : `<${fields.map(fieldText).join(', ')}>`;
  return `${name} ${type}${inner}${mode === 'REPEATED' ? '[]' : ''}`;
}
