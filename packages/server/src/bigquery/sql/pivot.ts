import { filteredAggregate } from './aggregates.js';
import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { type Expression, isNull } from './expression.js';
import { derived, type FromItem } from './from-items.js';
import { identifierName, numericLiteral, stringLiteral } from './literals.js';
import { Scope, type SourceColumn } from './scope.js';
import { sqlNames } from './select-list.js';
import { child, invalid, keywords, list, need, notSupported, only, type SyntaxNode } from './syntax.js';
import { fieldOf, quoteName, quoteText, type SqlType, STRING, sameType, typeName } from './types.js';

/** What a PIVOT or UNPIVOT reads stands before it; what its expressions see are the columns of that. */
function levelOf(item: FromItem, scope: Scope): Scope {
  const level = new Scope(scope.translation, scope.parent, scope.variables);
  for (const [name, table] of scope.commonTables) level.commonTables.set(name, table);
  level.sources = item.sources;
  level.columns = item.columns;
  return level;
}

interface NamedSql {
  readonly name: string;
  readonly sql: string;
  readonly type: SqlType;
}

/** A query of such columns, as an item of FROM. */
function asItem(
  columns: readonly NamedSql[],
  from: string,
  { references }: FromItem,
  node: SyntaxNode,
  scope: Scope,
): FromItem {
  const names = sqlNames(columns.map(({ name }) => name)).map(quoteName);
  const alias = child(node, 'alias');
  const sql = `SELECT ${columns.map((column, i) => `${column.sql} AS ${names[i]}`).join(', ')} FROM ${from}`;
  const shown = columns.map(({ name, type }, i) => ({ name, type, sqlName: names[i]! }));
  return derived(
    { sql, columns: shown, references, isValue: false },
    alias === undefined ? '' : identifierName(alias),
    scope,
  );
}

/** `PIVOT(SUM(v) AS s FOR q IN (1 AS one, 2))`: a group of each combination of the columns that it does not name. */
export function pivot(item: FromItem, node: SyntaxNode, scope: Scope): FromItem {
  only(node, 'config', 'as', 'alias');
  const config = need(node, 'config');
  only(config, 'exprs', 'for', 'in');
  const level = levelOf(item, scope);
  const forNode = need(need(config, 'for'), 'expr');
  const input = level.plain('PIVOT', () => expression(forNode, level));
  const values = list(need(need(config, 'in'), 'group'), 'exprs').map((one) => pivotValue(one, input, level));
  const calls = list(config, 'exprs');
  if (calls.filter((call) => child(call, 'alias') === undefined).length > 1)
    throw invalid(node, 'PIVOT expressions must have an alias, where there are more than one');
  const used = new Set(input.references.map(({ name }) => name.toLowerCase()));
  const results = values.flatMap((value) =>
    calls.map((call): NamedSql => {
      if (call.node_type !== 'CallingFunction')
        throw invalid(call, 'PIVOT expression must be an aggregate function call');
      const found = filteredAggregate(call, level, `${input.sql} IS NOT DISTINCT FROM ${value.sql}`);
      for (const { name } of found.references) used.add(name.toLowerCase());
      return { name: pivotName(child(call, 'alias'), value), sql: found.sql, type: found.type };
    }),
  );
  const groups = item.columns.filter(({ name, hidden }) => hidden !== true && !used.has(name.toLowerCase()));
  const refused = groups.find(({ type }) => ['ARRAY', 'STRUCT', 'JSON'].includes(type.kind));
  if (refused !== undefined)
    throw invalid(
      node,
      `PIVOT cannot group by ${refused.name} of type ${typeName(refused.type)}: leave it out in a subquery`,
    );
  const by = groups.length === 0 ? '' : ` GROUP BY ${groups.map(({ sql }) => sql).join(', ')}`;
  return asItem([...groups, ...results], `${item.sql}${by}`, item, node, scope);
}

interface PivotValue {
  readonly sql: string;
  readonly name: string;
  /** Given by AS. */
  readonly named: boolean;
}

function pivotValue(node: SyntaxNode, input: Expression, scope: Scope): PivotValue {
  const { as: _as, alias, ...children } = node.children;
  const value = expression({ ...node, children }, scope);
  if (value.references.length > 0 || value.closed === true)
    throw invalid(node, 'PIVOT IN values must be constants');
  if (cost(value, input.type) === undefined)
    throw invalid(
      node,
      `PIVOT IN value of type ${typeName(value.type)} does not match FOR of type ${typeName(input.type)}`,
    );
  const { sql } = coerced(value, input.type, node);
  if (alias?.Node !== undefined) return { sql, name: identifierName(alias.Node), named: true };
  return { sql, name: implicitName(value, node), named: false };
}

/** BigQuery's names of what has none: 1 is `_1`, -1.5 `minus_1_point_5`, a date `_2024_01_31`. */
function implicitName(value: Expression, node: SyntaxNode): string {
  if (isNull(value)) return 'NULL';
  const given = value.literal?.value;
  if (value.type.kind === 'STRING' && typeof given === 'string') return given;
  if (typeof given === 'boolean') return given ? 'TRUE' : 'FALSE';
  if (given === undefined) throw notSupported('A PIVOT IN value without AS that is no literal', node);
  const text = String(given).replace(/^-/, 'minus_').replace('.', '_point_').replace(/[-: ]/g, '_');
  return /^\d/.test(text) ? `_${text}` : text;
}

function pivotName(alias: SyntaxNode | undefined, { name, named }: PivotValue): string {
  if (alias === undefined) return name;
  return `${identifierName(alias)}_${named ? name : name.replace(/^_(?=\d)/, '')}`;
}

/** `UNPIVOT(v FOR n IN (a, b AS 'x'))`: a row of each of these columns, or sets of columns. */
export function unpivot(item: FromItem, node: SyntaxNode, scope: Scope): FromItem {
  only(node, 'config', 'include_or_exclude_nulls', 'as', 'alias');
  const config = need(node, 'config');
  only(config, 'expr', 'for', 'in');
  const values = namesOf(need(config, 'expr'));
  const nameColumn = identifierName(need(need(config, 'for'), 'expr'));
  const sets = list(need(need(config, 'in'), 'group'), 'exprs').map((one) => {
    const columns = namesOf(one).map((name) => columnNamed(name, item, one));
    if (columns.length !== values.length)
      throw invalid(one, `UNPIVOT has ${values.length} value columns and ${columns.length} columns here`);
    return { columns, label: labelOf(one, columns) };
  });
  const types = values.map((_, i) =>
    commonType(
      sets.map(({ columns }) => columns[i]!),
      node,
    ),
  );
  const labelType = sets[0]!.label.type;
  if (sets.some(({ label }) => !sameType(label.type, labelType)))
    throw invalid(node, 'All labels of UNPIVOT must be of one type, STRING or INT64');
  const alias = scope.nextAlias();
  const rows = sets.map(
    ({ columns, label }) =>
      `{${columns.map(({ sql }, i) => `'v${i}': ${sql}`).join(', ')}, 'n': ${label.sql}}`,
  );
  const field = (name: string) => `struct_extract(${alias}."u", '${name}')`;
  const kept =
    keywords(list(node, 'include_or_exclude_nulls')) === 'INCLUDE NULLS'
      ? ''
      : ` WHERE ${values.map((_, i) => `struct_extract("u", 'v${i}') IS NOT NULL`).join(' OR ')}`;
  const lateral = `LATERAL (SELECT "u" FROM (SELECT unnest([${rows.join(', ')}]) AS "u")${kept}) AS ${alias}`;
  const taken = new Set(sets.flatMap(({ columns }) => columns.map(({ name }) => name.toLowerCase())));
  const found: NamedSql[] = [
    ...item.columns.filter(({ name, hidden }) => hidden !== true && !taken.has(name.toLowerCase())),
    ...values.map((name, i) => ({ name, sql: field(`v${i}`), type: types[i]! })),
    { name: nameColumn, sql: field('n'), type: labelType },
  ];
  return asItem(found, `${item.sql} CROSS JOIN ${lateral}`, item, node, scope);
}

function namesOf(node: SyntaxNode): string[] {
  if (node.node_type === 'Identifier') return [identifierName(node)];
  if (node.node_type === 'GroupedExpr') return namesOf(need(node, 'expr'));
  const names = list(node, 'exprs');
  if (names.length === 0) throw notSupported('What stands in this UNPIVOT', node);
  return names.map(identifierName);
}

function columnNamed(name: string, item: FromItem, node: SyntaxNode): SourceColumn {
  const found = fieldOf(item.columns, name);
  if (found === undefined) throw invalid(node, `Unrecognized name: ${name}`);
  return found;
}

function commonType(columns: readonly SourceColumn[], node: SyntaxNode): SqlType {
  const { type } = columns[0]!;
  if (columns.every((column) => sameType(column.type, type))) return type;
  const types = columns.map((column) => `${column.name} ${typeName(column.type)}`).join(', ');
  throw invalid(node, `The columns of UNPIVOT must have one type, but are ${types}`);
}

/** Without one it is the column's name. */
function labelOf(node: SyntaxNode, columns: readonly SourceColumn[]): { sql: string; type: SqlType } {
  const given = child(node, 'row_value_alias');
  if (given === undefined) return { sql: quoteText(columns.map(({ name }) => name).join('_')), type: STRING };
  if (given.node_type === 'StringLiteral') return stringLiteral(given);
  const number = given.node_type === 'NumericLiteral' ? numericLiteral(given) : undefined;
  if (number?.type.kind === 'INT64') return number;
  throw invalid(given, 'A label of UNPIVOT is a STRING or an INT64');
}
