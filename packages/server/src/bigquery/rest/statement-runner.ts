import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EngineColumn,
  type EngineValue,
  SqlEngineError,
  type SqlSession,
} from '../../ports/sql-engine.js';
import type { MlRows } from '../ml/ml-rows.js';
import type {
  Column,
  CreateModelPlan,
  DdlPlan,
  DmlPlan,
  DropModelPlan,
  MlRelation,
  Plan,
  QueryPlan,
  Relation,
  TableName,
} from '../sql/plan.js';
import { quoteName } from '../sql/types.js';
import type { Endpoint } from './endpoint.js';
import { informationSchemaRows } from './information-schema.js';
import { LoadTarget, type TargetSettings } from './load-target.js';
import { readsMetricsTable, withPairs } from './metrics-pairs.js';
import { tableLines } from './read-some.js';
import { RestError } from './rest-error.js';
import type { StoredRows } from './result-files.js';
import { changeOf } from './run-ddl.js';
import { ingestRows } from './sample-rows.js';
import { passingColumns } from './table-sql.js';

/** What one statement gave. */
export interface Outcome {
  readonly statementType: string;
  /** `statistics.query` of a job. */
  readonly statistics: Readonly<Record<string, unknown>>;
  /** Absent where there are no rows to be had. */
  readonly columns?: readonly Column[];
  readonly rows?: StoredRows;
  readonly rowsId?: string;
  readonly warnings: readonly string[];
}

export interface RunnerOptions {
  readonly projectId: string;
  /** Throws where the caller may only read. */
  readonly requireWrite: () => void;
  readonly resultBytesMax: number;
  /** A table that takes the rows of a query besides. */
  readonly destination?: TargetSettings;
  readonly signal: AbortSignal;
}

/** No table of a user can be called that. */
const RESULT = 'query result;';
const ROW_ID = 'rowid;';
const CONFLICT_ATTEMPTS = 5;
const CONFLICT_PAUSE_MS = 50;

/** Runs plans one after the other on one connection. */
export class StatementRunner {
  readonly #endpoint: Endpoint;
  readonly #session: SqlSession;
  readonly #options: RunnerOptions;
  #warnings: string[] = [];

  constructor(endpoint: Endpoint, session: SqlSession, options: RunnerOptions) {
    this.#endpoint = endpoint;
    this.#session = session;
    this.#options = options;
  }

  /** `rowsId` names the file that rows go to. */
  async run(plan: Plan, rowsId: string): Promise<Outcome> {
    this.#warnings = [];
    switch (plan.kind) {
      case 'query':
        return { ...(await this.#query(plan, rowsId)), warnings: this.#warnings };
      case 'dml':
        return { ...(await this.#dml(plan)), warnings: this.#warnings };
      case 'ddl':
        return { ...(await this.#ddl(plan)), warnings: this.#warnings };
      case 'declare':
      case 'set':
        await this.#withRelations(plan.relations, async () => {
          for (const sql of plan.sql) await this.#session.run(sql);
        });
        return { statementType: plan.kind.toUpperCase(), statistics: {}, warnings: this.#warnings };
      case 'createModel':
        return { ...(await this.#createModel(plan)), warnings: this.#warnings };
      case 'dropModel':
        return { ...(await this.#dropModel(plan)), warnings: this.#warnings };
    }
  }

  /** Checks a plan without running it: what it reads of models and of INFORMATION_SCHEMA is there, and empty. */
  async check(plan: Plan): Promise<void> {
    if (plan.kind === 'createModel') {
      this.#endpoint.ml.check(plan, plan.target);
      return this.check(plan.query);
    }
    if (plan.kind !== 'query' && plan.kind !== 'dml') return;
    if (plan.kind === 'dml' && this.#isBuiltIn(plan.target)) return;
    for (const { relation, columns } of plan.relations) {
      await this.#session.run(`CREATE TEMP TABLE ${quoteName(relation)} (${passingColumns(columns)})`);
    }
    await this.#session.check(plan.sql);
  }

  async firstRow({ sql, relations }: QueryPlan): Promise<readonly EngineValue[] | undefined> {
    const [row] = await this.#withRelations(relations, () => this.#session.rows(sql));
    return row;
  }

  async #query(plan: QueryPlan, rowsId: string): Promise<Omit<Outcome, 'warnings'>> {
    try {
      return await this.#result(plan, rowsId);
    } finally {
      await this.#drop(RESULT);
    }
  }

  async #result(plan: QueryPlan, rowsId: string): Promise<Omit<Outcome, 'warnings'>> {
    const { columns } = plan;
    await this.#withRelations(plan.relations, () =>
      this.#reading(plan, () => this.#session.run(`CREATE TEMP TABLE ${quoteName(RESULT)} AS ${plan.sql}`)),
    );
    const { destination } = this.#options;
    if (destination !== undefined) await this.#keep(columns, destination);
    const rows = await this.#storeRows(columns, rowsId);
    const statistics = { referencedTables: plan.tables.map(tableReference) };
    if (rows !== undefined) return { statementType: 'SELECT', statistics, columns, rows, rowsId };
    if (destination !== undefined) return { statementType: 'SELECT', statistics };
    const megabytes = Math.round(this.#options.resultBytesMax / 1_000_000);
    throw new RestError(
      'responseTooLarge',
      `Response too large to return: here a result may have ${megabytes} MB. Keep it in a table with CREATE TABLE … AS SELECT, or ask for fewer rows.`,
    );
  }

  async #keep(columns: readonly Column[], destination: TargetSettings): Promise<void> {
    this.#options.requireWrite();
    const target = new LoadTarget(this.#endpoint, destination, this.#options.projectId);
    await target.insert(this.#session, RESULT, target.withFile(columns));
  }

  /** Undefined where there are too many. */
  async #storeRows(columns: readonly Column[], rowsId: string): Promise<StoredRows | undefined> {
    const named = await this.#withoutRowId(columns);
    const lines = tableLines(this.#session, named, quoteName(RESULT));
    const stored = await this.#endpoint.files.writeRows(rowsId, lines, this.#options.resultBytesMax);
    return stored === 'too large' ? undefined : stored;
  }

  /** A column of that name would hide the number of the row, by which rows are read. */
  async #withoutRowId(columns: readonly Column[]): Promise<readonly Column[]> {
    const isRowId = ({ name }: Column) => name.toLowerCase() === 'rowid';
    if (!columns.some(isRowId)) return columns;
    await this.#session.run(`ALTER TABLE ${quoteName(RESULT)} RENAME rowid TO ${quoteName(ROW_ID)}`);
    return columns.map((column) => (isRowId(column) ? { ...column, name: ROW_ID } : column));
  }

  async #dml(plan: DmlPlan): Promise<Omit<Outcome, 'warnings'>> {
    this.#options.requireWrite();
    const { changed, dmlStats } = this.#isBuiltIn(plan.target)
      ? await this.#ingest(plan)
      : await this.#withRelations(plan.relations, () => this.#untilNoConflict(() => this.#change(plan)));
    return {
      statementType: plan.operation,
      statistics: {
        numDmlAffectedRows: String(changed),
        dmlStats,
        referencedTables: plan.tables.map(tableReference),
      },
    };
  }

  async #change({ operation, sql, actionsSql }: DmlPlan): Promise<Changes> {
    if (actionsSql === undefined) return changes(operation, await this.#session.run(sql));
    const { INSERT = 0, UPDATE = 0, DELETE = 0 } = await this.#session.counts(actionsSql);
    return {
      changed: INSERT + UPDATE + DELETE,
      dmlStats: {
        insertedRowCount: String(INSERT),
        updatedRowCount: String(UPDATE),
        deletedRowCount: String(DELETE),
      },
    };
  }

  /** Another transaction was first: BigQuery lets such statements wait for each other. */
  async #untilNoConflict<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const conflict = error instanceof SqlEngineError && error.kind === 'conflict';
        if (!conflict || attempt === CONFLICT_ATTEMPTS) throw error;
        await sleep(attempt * CONFLICT_PAUSE_MS);
      }
    }
  }

  /** Rows that are samples go the way of all others; nothing else may be written into what the server keeps. */
  async #ingest({ operation, target, source }: DmlPlan): Promise<Changes> {
    const { dataset, table } = target;
    const entry = this.#endpoint.catalog.table(dataset, table)!;
    if (operation !== 'INSERT' || source === undefined || table !== 'samples') {
      throw new RestError(
        'accessDenied',
        `Access Denied: Table ${dataset}.${table} is kept by the server: ${operation} is not possible. Insert samples into ${dataset}.samples.`,
      );
    }
    const { columns, values, rowCount } = await this.#readRows(source);
    const given = new Map(columns.map(({ name }, index) => [name.toLowerCase(), values[index]!]));
    const rows = Array.from({ length: rowCount }, (_, row) =>
      entry.columns.map(({ name }) => (given.get(name)?.[row] ?? null) as EngineValue),
    );
    const [refused] = await ingestRows(this.#endpoint, entry, rows);
    if (refused !== undefined) throw new RestError('invalidQuery', refused.message, 'query');
    return changes('INSERT', rowCount);
  }

  async #ddl(plan: DdlPlan): Promise<Omit<Outcome, 'warnings'>> {
    this.#options.requireWrite();
    const { operation, target, temporary, skipped, relations } = plan;
    if (!skipped) {
      await this.#withRelations(relations, async () => {
        if (temporary) for (const sql of plan.sql) await this.#session.run(sql);
        else await this.#endpoint.catalog.change(this.#session, changeOf(plan, this.#endpoint));
      });
      if (operation === 'DROP_SCHEMA') await this.#endpoint.ml.dropAll(target.dataset);
    }
    const performed = skipped ? 'SKIP' : plan.replaces ? 'REPLACE' : operation.split('_')[0];
    const schema = operation.endsWith('SCHEMA');
    const { projectId, dataset } = target;
    return {
      statementType: operation,
      statistics: {
        ddlOperationPerformed: performed,
        ...(schema
          ? { ddlTargetDataset: { projectId, datasetId: dataset } }
          : { ddlTargetTable: tableReference(target) }),
      },
    };
  }

  async #callModel(call: MlRelation): Promise<void> {
    const input = call.input === undefined ? undefined : await this.#readRows(call.input);
    const { rows, notes } = await this.#endpoint.ml.call(call, input, this.#options.signal);
    this.#warnings.push(...notes.map(({ message }) => message));
    await this.#session.append(
      { name: call.relation },
      rows.values as readonly EngineColumn[],
      rows.rowCount,
    );
  }

  /** What a query gives, for a model to learn or to judge. */
  async #readRows(plan: QueryPlan): Promise<MlRows> {
    const { sql, columns, relations } = plan;
    const read = await this.#withRelations(relations, () =>
      this.#reading(plan, () => this.#session.columns(sql)),
    );
    return { columns, values: read.columns, rowCount: read.rowCount };
  }

  /** What a query reads of `metrics_table` is found faster where both of its series have the same times. */
  #reading<Result>({ tables }: QueryPlan, work: () => Promise<Result>): Promise<Result> {
    return readsMetricsTable(tables) ? withPairs(this.#session, work) : work();
  }

  async #createModel(plan: CreateModelPlan): Promise<Omit<Outcome, 'warnings'>> {
    this.#options.requireWrite();
    const { target, orReplace, skipped, options, query } = plan;
    if (!skipped) {
      // Before a query that may take long.
      this.#endpoint.ml.check(plan, plan.target);
      const input = await this.#readRows(query);
      const holidays = plan.customHolidays;
      const { warnings } = await this.#endpoint.ml.create({
        target,
        orReplace,
        options,
        input,
        signal: this.#options.signal,
        ...(holidays === undefined ? {} : { customHolidays: await this.#readRows(holidays) }),
      });
      this.#warnings.push(...warnings);
    }
    return {
      statementType: 'CREATE_MODEL',
      statistics: {
        ddlOperationPerformed: skipped ? 'SKIP' : orReplace ? 'REPLACE' : 'CREATE',
        ddlTargetTable: tableReference(target),
        referencedTables: query.tables.map(tableReference),
      },
    };
  }

  async #dropModel({ target, skipped }: DropModelPlan): Promise<Omit<Outcome, 'warnings'>> {
    this.#options.requireWrite();
    if (!skipped) await this.#endpoint.ml.drop(target);
    return {
      statementType: 'DROP_MODEL',
      statistics: {
        ddlOperationPerformed: skipped ? 'SKIP' : 'DROP',
        ddlTargetTable: tableReference(target),
      },
    };
  }

  #isBuiltIn({ dataset, table }: TableName): boolean {
    return this.#endpoint.catalog.table(dataset, table)?.readAs !== undefined;
  }

  /** Makes what the SQL of a plan reads and is not there yet, and takes it away afterwards. */
  async #withRelations<Result>(relations: readonly Relation[], work: () => Promise<Result>): Promise<Result> {
    try {
      for (const relation of relations) await this.#makeRelation(relation);
      return await work();
    } finally {
      for (const { relation } of relations) await this.#drop(relation);
    }
  }

  /** What a failed statement left would be in the way of the next. A session that was ended needs it no more. */
  async #drop(table: string): Promise<void> {
    await this.#session.run(`DROP TABLE IF EXISTS ${quoteName(table)}`).catch(() => {});
  }

  async #makeRelation(one: Relation): Promise<void> {
    await this.#session.run(`CREATE TEMP TABLE ${quoteName(one.relation)} (${passingColumns(one.columns)})`);
    if (one.kind === 'ml') return this.#callModel(one);
    const { values, rowCount } = informationSchemaRows(one, this.#endpoint.catalog, this.#options.projectId);
    await this.#session.append({ name: one.relation }, values, rowCount);
  }
}

function tableReference({ projectId, dataset, table }: TableName) {
  return { projectId, datasetId: dataset, tableId: table };
}

/** How many rows a statement changed, and what it did with them by BigQuery's names. */
interface Changes {
  readonly changed: number;
  readonly dmlStats: Readonly<Record<string, string>> | undefined;
}

function changes(operation: DmlPlan['operation'], changed: number): Changes {
  const name = COUNTED[operation];
  return { changed, dmlStats: name === undefined ? undefined : { [name]: String(changed) } };
}

const COUNTED: Partial<Record<DmlPlan['operation'], string>> = {
  INSERT: 'insertedRowCount',
  UPDATE: 'updatedRowCount',
  DELETE: 'deletedRowCount',
  TRUNCATE_TABLE: 'deletedRowCount',
};
