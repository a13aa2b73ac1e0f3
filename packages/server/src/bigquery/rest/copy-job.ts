import { type Endpoint, inSession } from './endpoint.js';
import type { Job } from './job.js';
import { readTarget, targetMissing } from './load-settings.js';
import { LoadTarget, type TargetSettings } from './load-target.js';
import { type Fields, object, text } from './request.js';
import { RestError } from './rest-error.js';
import { columnDefaults } from './table-sql.js';
import { existingTable, readSql } from './tables.js';

interface CopySettings {
  readonly sources: readonly { readonly datasetId: string; readonly tableId: string }[];
  readonly target: TargetSettings;
}

const COPIED = 'copied_rows';

/** `configuration.copy`: one table or several into another. */
export function readCopySettings(copy: Fields): CopySettings {
  const target = readTarget(copy, 'WRITE_EMPTY');
  if (target === undefined) throw targetMissing();
  const several = Array.isArray(copy.sourceTables) ? copy.sourceTables : [copy.sourceTable];
  const sources = several.map((one: unknown) => {
    const source = object(one, 'sourceTable');
    const datasetId = text(source?.datasetId, 'sourceTable.datasetId');
    const tableId = text(source?.tableId, 'sourceTable.tableId');
    if (datasetId === undefined || tableId === undefined) {
      throw new RestError('required', 'Required parameter is missing: sourceTable', 'sourceTable');
    }
    return { datasetId, tableId };
  });
  return { sources, target };
}

/** The new table has the columns, partitioning and clustering of the first of its sources. */
export async function runCopyJob(
  job: Job,
  { sources, target }: CopySettings,
  endpoint: Endpoint,
): Promise<void> {
  const { projectId } = job.record;
  const entries = sources.map((source) => existingTable(endpoint, { projectId, ...source }));
  const view = entries.find(({ kind }) => kind === 'VIEW');
  if (view !== undefined) {
    throw new RestError(
      'invalid',
      `${projectId}:${view.dataset}.${view.table} is a view and cannot be copied.`,
    );
  }
  const { columns, partitioning, clustering } = entries[0]!;
  await inSession(
    endpoint,
    async (session) => {
      const rows = entries.map((entry) => `SELECT * FROM ${readSql(entry)} AS t`);
      await session.run(`CREATE TEMP TABLE ${COPIED} AS ${rows.join(' UNION ALL BY NAME ')}`);
      const into = new LoadTarget(endpoint, target, projectId);
      const shape = {
        ...(partitioning === undefined ? {} : { partitioning }),
        ...(clustering === undefined ? {} : { clustering }),
      };
      const defaults = await columnDefaults(session, entries[0]!);
      const copied = await into.insert(session, COPIED, into.withFile(columns), shape, defaults);
      job.record.statistics = { copiedRows: String(copied) };
    },
    job.abort.signal,
  );
}
