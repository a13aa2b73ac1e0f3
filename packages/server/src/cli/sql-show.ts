import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { SqlClient, StatementResult } from './sql-client.js';
import { type SqlFormat, sqlRowsFormatter } from './sql-rows.js';
import { countText } from './terminal.js';

/** Where results go: rows to `output`, all that is said about them to `messages`. */
export interface SqlScreen {
  readonly output: Writable;
  readonly messages: Writable & { readonly isTTY?: boolean };
  readonly format: SqlFormat;
}

/** Shorter work is not spoken of. */
const QUIET_MS = 2_000;

/** Runs a script and shows what each statement gave. Rejects with what failed; rows stop coming when `signal` says so. */
export async function runAndShow(
  client: SqlClient,
  sql: string,
  screen: SqlScreen,
  signal: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  const stopwatch = new Stopwatch(screen.messages);
  const warn = (message: string) => screen.messages.write(`warning: ${message}\n`);
  try {
    for await (const result of client.run(sql, signal, warn)) {
      stopwatch.stop();
      if (result.fields !== undefined) await showRows(result, screen, signal);
      const words = wordsOf(result);
      if (words === undefined) continue;
      // Only the whole of a script is timed.
      const time = result.isPart ? '' : `, ${((performance.now() - startMs) / 1000).toFixed(2)} s`;
      screen.messages.write(`(${words}${time})\n`);
    }
  } finally {
    stopwatch.stop();
  }
}

async function showRows(result: StatementResult, screen: SqlScreen, signal: AbortSignal): Promise<void> {
  const { output, format } = screen;
  const form = sqlRowsFormatter(format, result.fields ?? []);
  await write(output, form.begin());
  for await (const rows of result.rows()) {
    if (signal.aborted) return;
    await write(output, form.rows(rows));
  }
  await write(output, form.end());
}

async function write(output: Writable, text: string): Promise<void> {
  if (text !== '' && !output.write(text)) await once(output, 'drain');
}

/** Says on a terminal, past two seconds, that a statement still runs. */
class Stopwatch {
  readonly #startMs = performance.now();
  readonly #messages: SqlScreen['messages'];
  readonly #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  constructor(messages: SqlScreen['messages']) {
    this.#messages = messages;
    if (messages.isTTY === true) this.#timer = setInterval(() => this.#draw(), 500).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#drawn) this.#messages.write('\r\x1b[K');
    this.#drawn = false;
  }

  #draw(): void {
    const ms = performance.now() - this.#startMs;
    if (ms < QUIET_MS) return;
    this.#drawn = true;
    this.#messages.write(`\r\x1b[KRunning, ${Math.floor(ms / 1000)} s. Ctrl-C cancels.`);
  }
}

const KINDS: Readonly<Record<string, string>> = {
  SCHEMA: 'dataset',
  TABLE: 'table',
  TABLE_AS_SELECT: 'table',
  VIEW: 'view',
  MODEL: 'model',
};
const CHANGES: Readonly<Record<string, string>> = {
  INSERT: 'inserted',
  UPDATE: 'updated',
  DELETE: 'deleted',
  TRUNCATE_TABLE: 'deleted',
  MERGE: 'changed',
};

/** `3 rows inserted`, `Created table shop.orders`; undefined where there is nothing to say. */
function wordsOf({ statementType, statistics, fields, rowCount }: StatementResult): string | undefined {
  if (fields !== undefined) return countText(rowCount, 'row');
  const change = CHANGES[statementType];
  if (change !== undefined) {
    return `${countText(Number(statistics.numDmlAffectedRows ?? 0), 'row')} ${change}`;
  }
  const { ddlOperationPerformed: done, ddlTargetTable: table, ddlTargetDataset: dataset } = statistics;
  if (done === undefined) return undefined;
  const [verb = '', ...rest] = statementType.split('_');
  const kind = KINDS[rest.join('_')] ?? rest.join(' ').toLowerCase();
  const name = [table?.datasetId ?? dataset?.datasetId, table?.tableId].filter(Boolean).join('.');
  if (done === 'SKIP') {
    return verb === 'DROP'
      ? `There is no ${kind} ${name} to drop`
      : `There is a ${kind} ${name} already; it stays`;
  }
  const words = { CREATE: 'Created', REPLACE: 'Replaced', DROP: 'Dropped' }[done] ?? 'Changed';
  return `${words} ${kind} ${name}`;
}

/** The line that a message's [line:column] means, with a sign below the place; undefined where it names none. */
export function placeOf(message: string, sql: string): string | undefined {
  const [, line = '', column = ''] = /\[(\d+):(\d+)\]/.exec(message) ?? [];
  const text = sql.split('\n')[Number(line) - 1];
  if (text === undefined || Number(column) > text.length + 1) return undefined;
  return `${text}\n${text.slice(0, Number(column) - 1).replace(/[^\t]/g, ' ')}^`;
}
