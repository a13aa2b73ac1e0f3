import { alterTable, alterView } from './alter.js';
import { descriptionOf, plainColumn } from './column-definitions.js';
import { createTable } from './create-table.js';
import { alreadyExists, creation } from './creation.js';
import { ddlPlan, optionsRecord, tableSql } from './ddl-plans.js';
import { identifierName } from './literals.js';
import { alone, named } from './models.js';
import type { Plan } from './plan.js';
import type { Scope } from './scope.js';
import { statementText } from './statement-text.js';
import { child, has, invalid, keyword, list, need, notSupported, only, type SyntaxNode } from './syntax.js';
import { datasetName, described, fullName, nameParts, notFound } from './table-names.js';
import { quoteName } from './types.js';

/** Names of DuckDB's own schemas and of the store's. */
const RESERVED_DATASETS = new Set([
  'main',
  'temp',
  'system',
  'information_schema',
  'pg_catalog',
  'seismo_store',
]);

export function ddlStatement(node: SyntaxNode, scope: Scope): Plan {
  switch (node.node_type) {
    case 'CreateSchemaStatement':
      return createSchema(node, scope);
    case 'CreateTableStatement':
      return createTable(node, scope);
    case 'CreateViewStatement':
      return createView(node, scope);
    case 'AlterTableStatement':
      return alterTable(node, scope);
    case 'AlterViewStatement':
    case 'AlterSchemaStatement':
      return alterView(node, scope);
    default:
      return drop(node, scope);
  }
}

function createSchema(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'what', 'if_not_exists', 'ident', 'options');
  const { options } = scope.translation;
  const target = datasetName(need(node, 'ident'), options);
  if (!/^\w{1,1024}$/.test(target.dataset))
    throw invalid(
      need(node, 'ident'),
      `Invalid dataset ID ${JSON.stringify(target.dataset)}. Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.`,
    );
  if (RESERVED_DATASETS.has(target.dataset.toLowerCase()))
    throw invalid(need(node, 'ident'), `The dataset name ${target.dataset} is reserved here`);
  const exists = options.catalog.dataset(target.dataset);
  if (exists && !has(node, 'if_not_exists')) throw alreadyExists('Dataset', target, node);
  return ddlPlan('CREATE_SCHEMA', target, scope, {
    sql: exists ? [] : [`CREATE SCHEMA ${quoteName(target.dataset)}`],
    skipped: exists,
    definition: optionsRecord(child(node, 'options'), scope),
  });
}

function createView(node: SyntaxNode, scope: Scope): Plan {
  if (has(node, 'materialized')) throw notSupported('CREATE MATERIALIZED VIEW', node);
  only(node, 'or_replace', 'what', 'if_not_exists', 'ident', 'column_name_list', 'options', 'as');
  const made = creation(node, scope, 'view');
  const statement = need(need(node, 'as'), 'stmt');
  const names = child(node, 'column_name_list');
  const source = names === undefined ? named(statement, scope, 'CREATE VIEW') : alone(statement, scope);
  const renamed = names === undefined ? [] : list(names, 'idents');
  if (names !== undefined && renamed.length !== source.columns.length) {
    throw invalid(
      names,
      `The view has ${source.columns.length} columns, and ${renamed.length} names are given`,
    );
  }
  const columns = source.columns.map((column, i) => {
    const one = renamed[i];
    if (one === undefined) return plainColumn(column);
    const description = descriptionOf(child(one, 'options'));
    return {
      ...plainColumn(column),
      name: identifierName(one),
      ...(description === undefined ? {} : { description }),
    };
  });
  const definition = {
    columns,
    viewQuery: statementText(statement, scope),
    ...optionsRecord(child(node, 'options'), scope),
  };
  return ddlPlan(
    'CREATE_VIEW',
    made.target,
    scope,
    { skipped: made.skipped, replaces: made.replaces, definition },
    source,
  );
}

function drop(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'what', 'if_exists', 'ident', 'cascade_or_restrict');
  const what = keyword(need(node, 'what'));
  const ident = need(node, 'ident');
  if (what === 'SCHEMA') return dropSchema(node, scope);
  if (what !== 'TABLE' && what !== 'VIEW') throw notSupported(`DROP ${what}`, node);
  const parts = nameParts(ident);
  if (parts.length === 1 && scope.translation.session.temporaryTables.has(parts[0]!)) {
    const target = { projectId: scope.translation.options.projectId, dataset: '', table: parts[0]! };
    return ddlPlan('DROP_TABLE', target, scope, {
      sql: [`DROP TABLE temp.${quoteName(parts[0]!)}`],
      temporary: true,
    });
  }
  const { options } = scope.translation;
  const target = fullName(ident, options);
  const found = options.catalog.table(target.dataset, target.table);
  if (found === undefined) {
    if (has(node, 'if_exists')) return ddlPlan(`DROP_${what}`, target, scope, { skipped: true });
    throw options.catalog.dataset(target.dataset)
      ? notFound('Table', target, options, ident)
      : notFound('Dataset', { ...target, table: '' }, options, ident);
  }
  if (found.kind !== what.toLowerCase()) {
    throw invalid(
      ident,
      `Cannot drop ${described(target)} which has type ${found.kind.toUpperCase()}. An object of type ${what} was expected.`,
    );
  }
  return ddlPlan(`DROP_${what}`, target, scope, {
    // One without columns is not in DuckDB yet.
    sql: what === 'TABLE' ? [`DROP TABLE IF EXISTS ${tableSql(target)}`] : [],
  });
}

function dropSchema(node: SyntaxNode, scope: Scope): Plan {
  const { options } = scope.translation;
  const target = datasetName(need(node, 'ident'), options);
  const exists = options.catalog.dataset(target.dataset);
  if (!exists && !has(node, 'if_exists')) throw notFound('Dataset', target, options, need(node, 'ident'));
  const how = child(node, 'cascade_or_restrict');
  const cascade = how !== undefined && keyword(how) === 'CASCADE';
  const sql = exists ? [`DROP SCHEMA ${quoteName(target.dataset)}${cascade ? ' CASCADE' : ''}`] : [];
  return ddlPlan('DROP_SCHEMA', target, scope, { sql, skipped: !exists, cascade });
}
