import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { AppError } from '../errors.js';
import { EXIT_INTERRUPTED } from './exit-codes.js';
import { SqlClient } from './sql-client.js';
import { isBlankInput } from './sql-input.js';
import type { SqlFormat } from './sql-rows.js';
import { placeOf, runAndShow } from './sql-show.js';
import type { SqlTransport } from './sql-transport.js';

export interface SqlRunOptions {
  readonly open: () => Promise<SqlTransport>;
  readonly format: SqlFormat;
  /** `-` is standard input. */
  readonly file?: string;
  readonly statements?: string;
}

/** Runs a script, or asks for statements one after the other; gives the exit code. */
export async function runSql({ open, format, file, statements }: SqlRunOptions): Promise<number> {
  const asksTerminal = file === undefined && statements === undefined && process.stdin.isTTY === true;
  // Read first: what is wrong with the file is said before anything is opened.
  const sql = asksTerminal ? '' : await scriptOf(statements, file ?? '-');
  const transport = await open();
  try {
    const client = new SqlClient(transport);
    if (asksTerminal) {
      const { promptOnTerminal } = await import('./sql-prompt.js');
      await promptOnTerminal(client, format);
      return 0;
    }
    return await runScript(client, sql, format);
  } finally {
    await transport.close();
  }
}

async function runScript(client: SqlClient, sql: string, format: SqlFormat): Promise<number> {
  const abort = new AbortController();
  const onSignal = () => {
    if (abort.signal.aborted) process.exit(EXIT_INTERRUPTED);
    abort.abort();
  };
  process.on('SIGINT', onSignal);
  const screen = { output: process.stdout, messages: process.stderr, format };
  try {
    await runAndShow(client, sql, screen, abort.signal);
    return abort.signal.aborted ? EXIT_INTERRUPTED : 0;
  } catch (error) {
    if (abort.signal.aborted) {
      process.stderr.write('Cancelled.\n');
      return EXIT_INTERRUPTED;
    }
    const place = error instanceof AppError ? placeOf(error.message, sql) : undefined;
    if (place !== undefined && process.stderr.isTTY) process.stderr.write(`${place}\n`);
    throw error;
  } finally {
    process.removeListener('SIGINT', onSignal);
  }
}

async function scriptOf(statements: string | undefined, file: string): Promise<string> {
  const sql = statements ?? (file === '-' ? await text(process.stdin) : await readScript(file));
  if (!isBlankInput(sql)) return sql;
  const what = statements !== undefined ? 'What -e was given' : file === '-' ? 'Standard input' : file;
  throw new AppError('usage', `${what} holds no statement.`, {
    ...(statements === undefined ? {} : { field: '-e' }),
    hint: "Give one with -e 'SELECT 1', or a file of them with -f.",
  });
}

async function readScript(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new AppError('usage', `${file} cannot be read: ${reason}.`, { field: '-f', cause: error });
  }
}
