import type { EngineColumn, EngineValue } from '../../ports/sql-engine.js';
import type { TableEntry } from '../rest/catalog-entries.js';
import type { Endpoint } from '../rest/endpoint.js';
import { labelsOfSeries } from '../rest/sample-rows.js';
import type { Column } from '../sql/plan.js';
import { type RowError, WriteError } from './write-error.js';

/** Samples that one ingest takes at once: requests of other clients come in between. */
const BATCH_ROWS = 5_000;
const TEXTS_KNOWN_MAX = 100_000;

/**
 * Samples of metrics_dataset.samples, ingested as all others. Those that are refused are named; the others are stored
 * then already, and are stored once when they are sent again, as a sample is known by its series and time.
 */
export async function ingestColumns(
  { ingest }: Pick<Endpoint, 'ingest'>,
  entry: TableEntry,
  columns: readonly EngineColumn[],
  rowCount: number,
): Promise<void> {
  const of = (name: string) => columns[entry.columns.findIndex((column) => column.name === name)]!;
  const [times, series, names, labels, values] = [
    of('time'),
    of('series'),
    of('name'),
    of('labels'),
    of('value'),
  ];
  const refused: RowError[] = [];
  for (let start = 0; start < rowCount; start += BATCH_ROWS) {
    const items: unknown[] = [];
    for (let row = start; row < Math.min(rowCount, start + BATCH_ROWS); row++) {
      items.push(itemOf(times[row]!, String(names[row]), labelsOf(labels[row]!, series[row]!), values[row]!));
    }
    const { rejected } = await ingest.ingest(items);
    for (const { index, message } of rejected) refused.push({ index: start + index, message });
  }
  if (refused.length === 0) return;
  throw new WriteError(
    'INVALID_ARGUMENT',
    'Errors found while processing rows. Please refer to the row_errors field.',
    {
      rowErrors: refused,
    },
  );
}

/** Columns by which samples are read that are ingested at once: what labels are is looked at there. */
export function ingestedColumns(columns: readonly Column[]): Column[] {
  return columns.map((column) => (column.type === 'JSON' ? { ...column, type: 'STRING' } : column));
}

/** What POST /metrics would be sent. */
function itemOf(
  time: EngineValue,
  name: string,
  labels: unknown,
  value: EngineValue,
): Record<string, unknown> {
  const timestamp = Number(time) / 1_000_000;
  // There they would be the time and the labels; with another letter they are refused as names that are not allowed.
  const field = name === 'timestamp' || name === 'labels' ? `${name}!` : name;
  return labels === undefined ? { timestamp, [field]: value } : { timestamp, labels, [field]: value };
}

/** By their text, since each comes again with every sample. What is no object is refused as such by the ingest. */
const known = new Map<string, unknown>();

function labelsOf(labels: EngineValue, series: EngineValue): unknown {
  const text = labels === null ? `\u0000${String(series)}` : (labels as string);
  let found = known.get(text);
  if (found === undefined && !known.has(text)) {
    if (known.size >= TEXTS_KNOWN_MAX) known.clear();
    found = labels === null ? labelsOfSeries(String(series)) : parsed(text);
    if (typeof found === 'object' && found !== null && Object.keys(found).length === 0) found = undefined;
    known.set(text, found);
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
