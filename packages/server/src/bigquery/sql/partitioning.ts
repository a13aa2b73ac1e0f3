import { identifierName } from './literals.js';
import type { Column, Partitioning, TableDefinition } from './plan.js';
import { invalid, keyword, list, need, notSupported, type SyntaxNode, textOf } from './syntax.js';
import { fieldOf } from './types.js';

const TRUNCATIONS = ['DATE_TRUNC', 'DATETIME_TRUNC', 'TIMESTAMP_TRUNC'];
const UNITS = ['HOUR', 'DAY', 'MONTH', 'YEAR'] as const;

/** `PARTITION BY DATE(time)`, `TIMESTAMP_TRUNC(time, HOUR)`, `RANGE_BUCKET(id, GENERATE_ARRAY(0, 100, 10))`. */
export function partitioningOf(
  node: SyntaxNode | undefined,
  columns: readonly Column[],
): Pick<TableDefinition, 'partitioning'> {
  if (node === undefined) return {};
  const [by, ...others] = list(node, 'exprs');
  if (by === undefined || others.length > 0) throw invalid(node, 'PARTITION BY takes one expression');
  return { partitioning: read(by, columns) };
}

function read(by: SyntaxNode, columns: readonly Column[]): Partitioning {
  if (by.node_type === 'Identifier') {
    if (keyword(by) === '_PARTITIONDATE') return { type: 'DAY' };
    return { type: 'DAY', field: field(by, columns, ['DATE']) };
  }
  if (by.node_type !== 'CallingFunction') throw unsupported(by);
  const name = keyword(need(by, 'func'));
  const [first, second] = list(by, 'args');
  if (first === undefined) throw unsupported(by);
  if (name === 'DATE' && second === undefined)
    return { type: 'DAY', field: field(first, columns, ['TIMESTAMP', 'DATETIME']) };
  if (name === 'RANGE_BUCKET' && second !== undefined)
    return { type: 'RANGE', field: field(first, columns, ['INT64']), range: range(second) };
  if (!TRUNCATIONS.includes(name) || second === undefined) throw unsupported(by);
  const unit = UNITS.find((one) => one === keyword(second));
  if (unit === undefined) throw unsupported(by);
  if (name === 'TIMESTAMP_TRUNC' && keyword(first) === '_PARTITIONTIME') return { type: unit };
  return { type: unit, field: field(first, columns, ['DATE', 'TIMESTAMP', 'DATETIME']) };
}

function unsupported(by: SyntaxNode): Error {
  return invalid(
    by,
    'PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(<datetime_column>, DAY/HOUR/MONTH/YEAR), a DATE column, TIMESTAMP_TRUNC(<timestamp_column>, DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, MONTH/YEAR), or RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, <int64_value>]))',
  );
}

function field(node: SyntaxNode, columns: readonly Column[], types: readonly string[]): string {
  if (node.node_type !== 'Identifier') throw unsupported(node);
  const name = identifierName(node);
  const column = fieldOf(columns, name);
  if (column === undefined) throw invalid(node, `Unrecognized name: ${name}`);
  if (!types.includes(column.type) || column.mode === 'REPEATED') throw unsupported(node);
  return column.name;
}

function range(node: SyntaxNode): { start: string; end: string; interval: string } {
  const args = list(node, 'args').map(textOf);
  if (
    node.node_type !== 'CallingFunction' ||
    keyword(need(node, 'func')) !== 'GENERATE_ARRAY' ||
    args.length < 2 ||
    !args.every((one) => /^\d+$/.test(one))
  ) {
    throw notSupported('A RANGE_BUCKET of this kind', node);
  }
  return { start: args[0]!, end: args[1]!, interval: args[2] ?? '1' };
}

export function clusteringOf(
  node: SyntaxNode | undefined,
  columns: readonly Column[],
): Pick<TableDefinition, 'clustering'> {
  if (node === undefined) return {};
  const names = list(node, 'exprs').map((one) => {
    const name = identifierName(one);
    const column = fieldOf(columns, name);
    if (column === undefined) throw invalid(one, `Unrecognized name: ${name}`);
    if (['STRUCT', 'JSON', 'FLOAT64', 'INTERVAL'].includes(column.type) || column.mode === 'REPEATED') {
      throw invalid(
        one,
        `CLUSTER BY expression references a column of type ${column.type} which is not supported`,
      );
    }
    return column.name;
  });
  if (names.length > 4) throw invalid(node, 'CLUSTER BY takes at most 4 columns');
  return { clustering: names };
}
