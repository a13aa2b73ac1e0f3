import { identifierName } from './literals.js';
import { SqlError, type TableName, type TranslateOptions } from './plan.js';
import { invalid, list, need, positionOf, type SyntaxNode, textOf } from './syntax.js';

/** The parts of a table's name, wherever the back quotes stand: `a.b`.c, a.`b`.c, `a.b.c`, my-project.b.c. */
export function nameParts(node: SyntaxNode): string[] {
  if (node.node_type === 'DotOperator')
    return [...nameParts(need(node, 'left')), ...nameParts(need(node, 'right'))];
  if (node.node_type === 'MultiTokenIdentifier') {
    return [textOf(node) + list(node, 'trailing_idents').map(textOf).join('')];
  }
  if (node.node_type !== 'Identifier')
    throw invalid(node, `Syntax error: Unexpected ${textOf(node)}; a table name was expected`);
  const name = identifierName(node);
  return textOf(node).startsWith('`') ? name.split('.') : [name];
}

/** A table's, view's or model's whole name. */
export function fullName(node: SyntaxNode, options: TranslateOptions): TableName {
  const parts = nameParts(node);
  const table = parts.at(-1) ?? '';
  const dataset = parts.length > 1 ? parts.at(-2)! : options.defaultDataset;
  if (parts.length > 3 || parts.some((part) => part === ''))
    throw invalid(node, `Invalid table-valued name: ${parts.join('.')}`);
  if (dataset === undefined) {
    throw invalid(node, `Table "${table}" must be qualified with a dataset (e.g. dataset.table).`);
  }
  checkProject(parts.length === 3 ? parts[0]! : options.projectId, options, node);
  return { projectId: options.projectId, dataset, table };
}

export function datasetName(node: SyntaxNode, options: TranslateOptions): TableName {
  const parts = nameParts(node);
  if (parts.length > 2) throw invalid(node, `Invalid dataset name: ${parts.join('.')}`);
  checkProject(parts.length === 2 ? parts[0]! : options.projectId, options, node);
  return { projectId: options.projectId, dataset: parts.at(-1)!, table: '' };
}

function checkProject(project: string, options: TranslateOptions, node: SyntaxNode): void {
  if (project === options.projectId) return;
  throw new SqlError(
    'accessDenied',
    `Access Denied: Project ${project}: there is one project here, ${options.projectId}`,
    positionOf(node),
  );
}

export function described({ projectId, dataset, table }: TableName): string {
  return `${projectId}:${dataset}${table === '' ? '' : `.${table}`}`;
}

export function notFound(
  kind: 'Table' | 'Dataset' | 'Model',
  name: TableName,
  options: TranslateOptions,
  node?: SyntaxNode,
): SqlError {
  return new SqlError(
    'notFound',
    `Not found: ${kind} ${described(name)} was not found in location ${options.location ?? 'US'}`,
    node === undefined ? undefined : positionOf(node),
  );
}

/** A table that was made without columns gets them with its first rows by REST; until then SQL has nothing of it. */
export function withoutColumns(name: TableName, node: SyntaxNode): SqlError {
  return invalid(node, `Table ${described(name)} does not have a schema.`);
}
