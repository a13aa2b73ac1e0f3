import type { SqlSession } from '../../ports/sql-engine.js';
import type { Column } from '../sql/plan.js';
import { fieldOf, quoteName } from '../sql/types.js';
import type { CatalogChange } from './catalog.js';
import type { TableEntry } from './catalog-entries.js';
import { existingDataset } from './datasets.js';
import type { Endpoint } from './endpoint.js';
import type { LoadSettings } from './load-settings.js';
import { alreadyExists, notFound, RestError } from './rest-error.js';
import { columnChanges, refuseNewDefaults } from './schema-changes.js';
import { checkLayout } from './table-layout.js';
import { type ColumnDefaults, columnDefaults, keptColumns, tableSql } from './table-sql.js';
import { changedFields } from './tables.js';

export type TargetSettings = Pick<
  LoadSettings,
  'dataset' | 'table' | 'createNever' | 'write' | 'columns' | 'addFields' | 'created'
>;

/** The table that a job fills: there already, or to be made. */
export class LoadTarget {
  readonly entry: TableEntry | undefined;
  readonly #endpoint: Endpoint;
  readonly #settings: TargetSettings;
  readonly #name: string;

  constructor(endpoint: Endpoint, settings: TargetSettings, projectId: string) {
    const { dataset, table } = settings;
    existingDataset(endpoint.catalog, projectId, dataset);
    this.#endpoint = endpoint;
    this.#settings = settings;
    this.#name = `${projectId}:${dataset}.${table}`;
    this.entry = endpoint.catalog.table(dataset, table);
    refuseNewDefaults(settings.columns ?? [], this.entry?.columns);
    if (this.entry === undefined) {
      if (settings.createNever) throw notFound('Table', this.#name);
      endpoint.catalog.checkName(dataset, table);
    }
    if (this.entry?.kind === 'VIEW') {
      throw new RestError('invalid', `Cannot load into a table of type VIEW: ${this.#name}.`);
    }
    if (this.entry?.readAs !== undefined && settings.write !== 'WRITE_APPEND') {
      throw new RestError(
        'accessDenied',
        `Access Denied: Table ${this.#name} is part of this server; rows can only be appended.`,
      );
    }
  }

  /** Those that the job names, or else the table has; undefined where neither does. */
  get columns(): readonly Column[] | undefined {
    const known = this.entry?.columns;
    return this.#settings.columns ?? (known !== undefined && known.length > 0 ? known : undefined);
  }

  /** The columns of the file, those of a table that is there by its own names and types. */
  withFile(columns: readonly Column[]): readonly Column[] {
    const known = this.entry?.columns ?? [];
    if (known.length === 0 || this.#settings.write === 'WRITE_TRUNCATE') return columns;
    const missing = known.find(({ name, mode, defaultValueExpression: initial }) => {
      if (mode !== 'REQUIRED' || initial !== undefined) return false;
      return fieldOf(columns, name) === undefined;
    });
    if (missing !== undefined) throw this.#mismatch(`Missing required field: ${missing.name}`);
    return columns.map((column) => {
      const own = fieldOf(known, column.name);
      if (own !== undefined) {
        if (own.type === column.type && own.mode === column.mode) return own;
        if (own.type === column.type && own.mode !== 'REPEATED' && column.mode !== 'REPEATED') return own;
        throw this.#mismatch(`Field ${column.name} has changed type from ${own.type} to ${column.type}`);
      }
      if (this.#settings.addFields) return column;
      throw this.#mismatch(`Cannot add fields (field: ${column.name})`);
    });
  }

  /**
   * Brings the rows of a temporary table in; makes the table where there is none, with what `shape` says and, of columns
   * that are said to have one, these default values.
   */
  async insert(
    session: SqlSession,
    from: string,
    columns: readonly Column[],
    shape: Partial<TableEntry> = {},
    defaults: ColumnDefaults = new Map(),
  ): Promise<number> {
    const { write } = this.#settings;
    const { catalog } = this.#endpoint;
    if (this.entry?.readAs !== undefined) {
      throw new RestError(
        'accessDenied',
        `Access Denied: Table ${this.#name} takes rows by INSERT or a load.`,
      );
    }
    if (write === 'WRITE_EMPTY' && this.entry !== undefined) {
      const [count] = await session.rows(`SELECT count(*) FROM ${tableSql(this.entry)}`);
      if (Number(count?.[0]) > 0) throw alreadyExists('Table', this.#name);
    }
    const names = columns.map(({ name }) => quoteName(name)).join(', ');
    const target = tableSql(this.#settings);
    await catalog.change(session, {
      ...(await this.#shape(session, columns, shape, defaults)),
      afterwards: [`INSERT INTO ${target} (${names}) SELECT ${names} FROM ${quoteName(from)}`],
    });
    const [count] = await session.rows(`SELECT count(*) FROM ${quoteName(from)}`);
    return Number(count?.[0]);
  }

  /** What has to be changed before the rows come. */
  async #shape(
    session: SqlSession,
    columns: readonly Column[],
    given: Partial<TableEntry>,
    defaults: ColumnDefaults,
  ): Promise<CatalogChange> {
    const { dataset, table, write, created } = this.#settings;
    const nowMs = this.#endpoint.clock.nowMs();
    const target = tableSql({ dataset, table });
    const { entry } = this;
    const { defaultTableExpirationMs: expiration } = this.#endpoint.catalog.dataset(dataset) ?? {};
    if (entry === undefined) {
      const fresh: TableEntry = {
        dataset,
        table,
        kind: 'TABLE',
        columns,
        createdMs: nowMs,
        modifiedMs: nowMs,
        ...(expiration === undefined ? {} : { expirationMs: nowMs + expiration }),
        ...given,
        ...changedFields(created),
      };
      checkLayout(fresh);
      return { sql: [`CREATE TABLE ${target} (${keptColumns(columns, defaults)})`], set: [fresh] };
    }
    if (write === 'WRITE_TRUNCATE') {
      const fresh = withDefaultsOf(entry.columns, columns);
      const all = new Map([...(await columnDefaults(session, entry)), ...defaults]);
      const sql = [`CREATE OR REPLACE TABLE ${target} (${keptColumns(fresh, all)})`];
      return { sql, set: [{ ...entry, columns: fresh, modifiedMs: nowMs }] };
    }
    const known = new Set(entry.columns.map(({ name }) => name.toLowerCase()));
    const added = columns.filter(({ name }) => !known.has(name.toLowerCase()));
    const whole = { ...entry, columns: [...entry.columns, ...added], modifiedMs: nowMs };
    const changes = added.length === 0 && entry.columns.length > 0 ? [] : columnChanges(entry, whole, '');
    const emptied =
      write === 'WRITE_TRUNCATE_DATA' && entry.columns.length > 0 ? [`DELETE FROM ${target}`] : [];
    return { sql: [...changes, ...emptied], set: [whole] };
  }

  #mismatch(why: string): RestError {
    return new RestError('invalid', `Provided Schema does not match Table ${this.#name}. ${why}`);
  }
}

/** The columns of new rows, each with its default value, or that of a former one of its name and type. */
function withDefaultsOf(former: readonly Column[], columns: readonly Column[]): readonly Column[] {
  return columns.map((column) => {
    const { type, defaultValueExpression } = fieldOf(former, column.name) ?? {};
    if (column.defaultValueExpression !== undefined) return column;
    if (defaultValueExpression === undefined || type !== column.type) return column;
    return { ...column, defaultValueExpression };
  });
}
