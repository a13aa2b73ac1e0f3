import type { SqlSession } from '../../ports/sql-engine.js';
import { quoteText } from '../sql/types.js';
import { builtInDataset, builtInTables, isReservedName, METRICS_DATASET } from './built-in-tables.js';
import type { DatasetEntry, TableEntry } from './catalog-entries.js';
import { RestError } from './rest-error.js';

/** What one change does: SQL in DuckDB, and what is kept beside it, in one transaction. */
export interface CatalogChange {
  readonly sql?: readonly string[];
  readonly set?: readonly (DatasetEntry | TableEntry)[];
  readonly dropTables?: readonly Pick<TableEntry, 'dataset' | 'table'>[];
  readonly dropDataset?: string;
  /** SQL after the change, in the same transaction. */
  readonly afterwards?: readonly string[];
}

/**
 * All datasets and tables that the endpoint knows, in memory: whoever changes one does it here. Names are
 * case-sensitive as BigQuery's are; DuckDB's are not, so names that differ in nothing else are refused.
 */
export class Catalog {
  readonly #datasets = new Map<string, DatasetEntry>();
  readonly #tables = new Map<string, Map<string, TableEntry>>();
  readonly #nowMs: () => number;

  private constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  static async load(session: SqlSession, nowMs: () => number): Promise<Catalog> {
    const catalog = new Catalog(nowMs);
    for (const [about] of await session.rows('SELECT about FROM seismo_store.sql_datasets')) {
      catalog.#put(JSON.parse(String(about)) as DatasetEntry);
    }
    for (const [about] of await session.rows('SELECT about FROM seismo_store.sql_tables')) {
      catalog.#put(JSON.parse(String(about)) as TableEntry);
    }
    // What is there from the first second on is as old as the first start.
    if (catalog.dataset(METRICS_DATASET) === undefined) {
      await catalog.change(session, { set: [builtInDataset(nowMs())] });
    }
    const { createdMs } = catalog.dataset(METRICS_DATASET)!;
    for (const table of builtInTables(createdMs)) catalog.#put(table);
    return catalog;
  }

  datasets(): DatasetEntry[] {
    return [...this.#datasets.values()].sort(byName((one) => one.dataset));
  }

  dataset(dataset: string): DatasetEntry | undefined {
    return this.#datasets.get(dataset);
  }

  tables(dataset: string): TableEntry[] {
    const all = [...(this.#tables.get(dataset)?.values() ?? [])];
    return all.filter((one) => !this.#isExpired(one)).sort(byName((one) => one.table));
  }

  table(dataset: string, table: string): TableEntry | undefined {
    const found = this.#tables.get(dataset)?.get(table);
    return found === undefined || this.#isExpired(found) ? undefined : found;
  }

  /** Tables whose time is over: nobody sees them any more, and they are to be dropped. */
  expired(): TableEntry[] {
    return [...this.#tables.values()].flatMap((tables) =>
      [...tables.values()].filter((one) => this.#isExpired(one)),
    );
  }

  /** How long the queries of all views are, together. */
  viewCharacters(): number {
    let sum = 0;
    for (const tables of this.#tables.values())
      for (const { viewQuery } of tables.values()) sum += viewQuery?.length ?? 0;
    return sum;
  }

  /** Throws where a new name cannot be taken. Whether it is taken already is for the caller to say. */
  checkName(dataset: string, table?: string): void {
    const taken =
      table === undefined ? [...this.#datasets.keys()] : [...(this.#tables.get(dataset)?.keys() ?? [])];
    const name = table ?? dataset;
    const other = taken.find((one) => one !== name && one.toLowerCase() === name.toLowerCase());
    const kind = table === undefined ? 'dataset' : 'table';
    if (other !== undefined) {
      throw new RestError(
        'invalid',
        `Invalid ${kind} ID "${name}": here it cannot stand beside ${other}, from which it differs in case only.`,
      );
    }
    if (table === undefined && isReservedName(dataset)) {
      throw new RestError(
        'invalid',
        `Invalid dataset ID "${dataset}": the name is taken by the database itself.`,
      );
    }
    const pattern =
      table === undefined ? /^[A-Za-z0-9_]{1,1024}$/ : /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]{1,1024}$/u;
    if (!pattern.test(name)) {
      throw new RestError(
        'invalid',
        `Invalid ${kind} ID "${name}". ${kind === 'dataset' ? 'Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.' : 'Table IDs may have letters, numbers, underscores, dashes and spaces.'}`,
      );
    }
  }

  /** Runs the change and, once it is durable, shows it. */
  async change(session: SqlSession, change: CatalogChange): Promise<void> {
    await session.run('BEGIN');
    try {
      for (const sql of [...(change.sql ?? []), ...bookkeeping(change), ...(change.afterwards ?? [])]) {
        await session.run(sql);
      }
      await session.run('COMMIT');
    } catch (error) {
      await session.run('ROLLBACK').catch(() => {});
      throw error;
    }
    for (const { dataset, table } of change.dropTables ?? []) this.#tables.get(dataset)?.delete(table);
    if (change.dropDataset !== undefined) {
      this.#datasets.delete(change.dropDataset);
      this.#tables.delete(change.dropDataset);
    }
    for (const entry of change.set ?? []) this.#put(entry);
  }

  #put(entry: DatasetEntry | TableEntry): void {
    if (!('table' in entry)) {
      this.#datasets.set(entry.dataset, entry);
      return;
    }
    const tables = this.#tables.get(entry.dataset) ?? new Map<string, TableEntry>();
    tables.set(entry.table, entry);
    this.#tables.set(entry.dataset, tables);
  }

  #isExpired({ expirationMs }: TableEntry): boolean {
    return expirationMs !== undefined && expirationMs <= this.#nowMs();
  }
}

function bookkeeping({ set = [], dropTables = [], dropDataset }: CatalogChange): string[] {
  const statements = dropTables.map(deleteTable);
  if (dropDataset !== undefined) {
    const where = `WHERE dataset = ${quoteText(dropDataset)}`;
    statements.push(
      `DELETE FROM seismo_store.sql_tables ${where}`,
      `DELETE FROM seismo_store.sql_datasets ${where}`,
    );
  }
  for (const entry of set) {
    const about = quoteText(JSON.stringify(entry));
    if ('table' in entry) {
      const { dataset, table } = entry;
      statements.push(
        deleteTable(entry),
        `INSERT INTO seismo_store.sql_tables VALUES (${quoteText(dataset)}, ${quoteText(table)}, ${about})`,
      );
    } else {
      const name = quoteText(entry.dataset);
      statements.push(
        `DELETE FROM seismo_store.sql_datasets WHERE dataset = ${name}`,
        `INSERT INTO seismo_store.sql_datasets VALUES (${name}, ${about})`,
      );
    }
  }
  return statements;
}

function deleteTable({ dataset, table }: Pick<TableEntry, 'dataset' | 'table'>): string {
  return `DELETE FROM seismo_store.sql_tables WHERE dataset = ${quoteText(dataset)} AND name = ${quoteText(table)}`;
}

function byName<One>(name: (one: One) => string): (a: One, b: One) => number {
  return (a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0);
}
