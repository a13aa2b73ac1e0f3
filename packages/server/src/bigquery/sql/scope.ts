import { distance } from 'fastest-levenshtein';
import { structSql } from './coercion.js';
import { composed, type Expression, type Query } from './expression.js';
import { identifierName } from './literals.js';
import type { Column, Relation, TableName, TranslateOptions } from './plan.js';
import { invalid, need, positionOf, type SyntaxNode } from './syntax.js';
import { quoteText, type SqlType, typeName } from './types.js';

export interface SourceColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly sql: string;
  /** Only by its name, not in `*` or in the row as a value. */
  readonly hidden?: boolean;
}

/** One item of FROM under its name. */
export interface Source {
  readonly name: string;
  readonly columns: readonly SourceColumn[];
  /** UNNEST of an array: the name stands for the element and not for a row of columns. */
  readonly value?: { readonly sql: string; readonly type: SqlType };
}

export interface CommonTable {
  readonly sqlName: string;
  readonly columns: readonly SourceColumn[];
  /** `name(columns) AS (query)`; empty while the query is still being read. */
  readonly definition: string;
  readonly recursive: boolean;
}

/** A variable of a script or a parameter of a function, as SQL. */
export interface Variable {
  readonly sql: string;
  readonly type: SqlType;
}

/** What a script has made so far that later statements may name. */
export interface SessionNames {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly temporaryTables: ReadonlyMap<string, readonly Column[]>;
  readonly functions: ReadonlyMap<string, UserFunction>;
  /** `@@error.message` where an error is handled. */
  readonly error: string | undefined;
}

export interface UserFunction {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type?: SqlType }[];
  readonly returns?: SqlType;
  readonly body: SyntaxNode;
}

/** See compile.ts. */
export interface Compiler {
  expression(node: SyntaxNode, scope: Scope): Expression;
  listed(node: SyntaxNode, scope: Scope): Expression;
  query(node: SyntaxNode, scope: Scope): Query;
}

/** A character of a statement or a view allows so many expressions to be translated. */
export const EXPRESSIONS_PER_CHARACTER = 10;

/** One statement on its way: what its scopes share. */
export interface Translation {
  readonly compiler: Compiler;
  /** The whole text that the statement stands in. */
  readonly source: string;
  readonly options: TranslateOptions;
  readonly session: SessionNames;
  /** Put back when something is tried first and translated afterwards. */
  readonly counters: { aliases: number; parameters: number; relations: number };
  /** What may still be translated; some clauses are looked at more than once, which multiplies where they nest. */
  readonly budget: { left: number };
  readonly relations: Relation[];
  readonly tables: Map<string, TableName>;
  /** Views that were parsed for it, by their text. */
  readonly views: Map<string, SyntaxNode>;
  /** Views within views. */
  readonly viewDepth: number;
  readonly costly: CostlyColumns;
}

/** Columns of built-in tables that take a join, and that a statement may do without. */
export interface CostlyColumns {
  /** Whether the statement has a table with such columns, and whether it reads one of them: known at its end. */
  inReach: boolean;
  read: boolean;
  /** They are left out: the statement was translated before, and reads none. */
  readonly leftOut: boolean;
}

export type Clause = { readonly allowed: true } | { readonly allowed: false; readonly where: string };
const ALLOWED: Clause = { allowed: true };

/** The names that a query level sees. */
export class Scope {
  readonly translation: Translation;
  readonly parent: Scope | undefined;
  readonly commonTables = new Map<string, CommonTable>();
  readonly windows = new Map<string, SyntaxNode>();
  /** Parameters of a function, names of WITH(…). */
  variables: ReadonlyMap<string, Variable> | undefined;
  sources: readonly Source[] = [];
  /** What `*` and names without a table see; a column of USING stands here once. */
  columns: readonly SourceColumn[] = [];
  /** Names of the SELECT list, for the clauses that see them. */
  aliases: ReadonlyMap<string, Expression> | undefined;
  /** The SQL of grouping keys. */
  groupKeys: ReadonlySet<string> | undefined;
  aggregates: Clause = { allowed: false, where: 'here' };
  analytics: Clause = { allowed: false, where: 'here' };
  sawAggregate = false;
  sawAnalytic = false;

  constructor(translation: Translation, parent?: Scope, variables?: ReadonlyMap<string, Variable>) {
    this.translation = translation;
    this.parent = parent;
    this.variables = variables;
  }

  /** Runs with other clauses allowed, and puts them back. */
  within<Result>(clauses: { aggregates?: Clause; analytics?: Clause }, work: () => Result): Result {
    const { aggregates, analytics } = this;
    this.aggregates = clauses.aggregates ?? aggregates;
    this.analytics = clauses.analytics ?? analytics;
    try {
      return work();
    } finally {
      this.aggregates = aggregates;
      this.analytics = analytics;
    }
  }

  /** As a clause that may hold neither aggregates nor analytic functions. */
  plain<Result>(where: string, work: () => Result): Result {
    const clause: Clause = { allowed: false, where };
    return this.within({ aggregates: clause, analytics: clause }, work);
  }

  full<Result>(work: () => Result): Result {
    return this.within({ aggregates: ALLOWED, analytics: ALLOWED }, work);
  }

  commonTable(name: string): CommonTable | undefined {
    return this.commonTables.get(name.toLowerCase()) ?? this.parent?.commonTable(name);
  }

  nextAlias(): string {
    return `t${++this.translation.counters.aliases}`;
  }
}

/** The names of a path `a.b.c` whose parts are all names. */
export function pathNames(node: SyntaxNode): SyntaxNode[] | undefined {
  if (node.node_type === 'Identifier') return [node];
  if (node.node_type !== 'DotOperator') return undefined;
  const right = need(node, 'right');
  const left = pathNames(need(node, 'left'));
  if (left === undefined || right.node_type !== 'Identifier') return undefined;
  return [...left, right];
}

/** What a name means, from the innermost level outwards; what follows it in a path are fields. */
export function resolveName(node: SyntaxNode, scope: Scope): Expression {
  const name = identifierName(node);
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const found = inLevel(name, node, level);
    if (found !== undefined) return { ...found, name };
  }
  const variable = scope.translation.session.variables.get(name.toLowerCase());
  if (variable !== undefined) return { ...composed(variable.sql, variable.type), name };
  throw unrecognized(name, node, scope);
}

function inLevel(name: string, node: SyntaxNode, level: Scope): Expression | undefined {
  const wanted = name.toLowerCase();
  const alias = level.aliases?.get(wanted);
  if (alias !== undefined) return alias;
  const parameter = level.variables?.get(wanted);
  if (parameter !== undefined) return { ...composed(parameter.sql, parameter.type), varies: true };
  const sources = level.sources.filter((source) => source.name.toLowerCase() === wanted);
  if (sources[0] !== undefined) return sourceValue(sources[0], node, level);
  const columns = level.columns.filter((column) => column.name.toLowerCase() === wanted);
  if (columns.length > 1) throw invalid(node, `Column name ${name} is ambiguous`);
  return columns[0] === undefined ? undefined : columnReference(columns[0], node, level);
}

export function columnReference(column: SourceColumn, node: SyntaxNode, level: Scope): Expression {
  const isKey = level.groupKeys?.has(column.sql) === true;
  const references = isKey ? [] : [{ level, name: column.name, position: positionOf(node) }];
  return {
    sql: column.sql,
    type: column.type,
    coercible: false,
    references,
    varies: true,
    name: column.name,
  };
}

/** A table's name as a value: the row, or the element of an array. */
function sourceValue(source: Source, node: SyntaxNode, level: Scope): Expression {
  if (source.value !== undefined) {
    return columnReference({ name: source.name, ...source.value }, node, level);
  }
  const columns = source.columns.filter(({ hidden }) => hidden !== true);
  const type: SqlType = {
    kind: 'STRUCT',
    fields: columns.map(({ name, type: inner }) => ({ name, type: inner })),
  };
  return columnReference({ name: source.name, type, sql: structSql(columns, type) }, node, level);
}

/** `t.x`: a column of that table, before anything else that `t` may mean. */
export function qualifiedColumn(table: SyntaxNode, field: SyntaxNode, scope: Scope): Expression | undefined {
  const wanted = identifierName(table).toLowerCase();
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const source = level.sources.find(({ name }) => name.toLowerCase() === wanted);
    if (source === undefined) {
      if (level.columns.some(({ name }) => name.toLowerCase() === wanted)) return undefined;
      continue;
    }
    if (source.value !== undefined) return undefined;
    const name = identifierName(field);
    const columns = source.columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
    if (columns.length > 1) throw invalid(field, `Column name ${name} is ambiguous`);
    if (columns[0] !== undefined) return columnReference(columns[0], table, level);
    throw invalid(field, `Name ${name} not found inside ${identifierName(table)}`);
  }
  return undefined;
}

function unrecognized(name: string, node: SyntaxNode, scope: Scope): Error {
  const known = new Set<string>();
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    for (const { name: other } of [...level.columns, ...level.sources]) known.add(other);
  }
  for (const other of scope.translation.session.variables.keys()) known.add(other);
  return invalid(node, `Unrecognized name: ${name}${suggestion(name, [...known])}`);
}

/** As BigQuery adds it where one name is near. */
export function suggestion(name: string, known: readonly string[]): string {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let nearest = Math.floor(wanted.length / 3) + 1;
  for (const other of known) {
    const far = distance(wanted, other.toLowerCase());
    if (far < nearest && other !== '') {
      nearest = far;
      best = other;
    }
  }
  return best === undefined ? '' : `; Did you mean ${best}?`;
}

/** A field of a STRUCT, or a member of a JSON value. */
export function fieldOf(value: Expression, node: SyntaxNode): Expression {
  const name = identifierName(node);
  const { type } = value;
  if (type.kind === 'JSON') {
    const sql = `json_extract(${value.sql}, ${quoteText(`$.${JSON.stringify(name)}`)})`;
    return { ...composed(sql, type, value), name };
  }
  if (type.kind !== 'STRUCT') {
    throw invalid(node, `Cannot access field ${name} on a value with type ${typeName(type)}`);
  }
  const index = type.fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
  const field = type.fields[index];
  if (field === undefined) throw invalid(node, `Field name ${name} does not exist in ${typeName(type)}`);
  const sql = `struct_extract(${value.sql}, ${quoteText(field.name)})`;
  return { sql, type: field.type, coercible: false, references: value.references, name: field.name };
}
