import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { addServerFlags, readServerAddress } from './client-settings.js';
import { readConfig } from './read-config.js';
import { SQL_FORMATS, type SqlFormat } from './sql-rows.js';

interface SqlFlags {
  url?: string;
  apiKey?: string;
  data?: string;
  file?: string;
  execute?: string;
  format: SqlFormat;
}

export function registerSql(program: Command): void {
  const command = program
    .command('sql')
    .summary("ask and change what is stored, in BigQuery's SQL")
    .description(
      "Runs BigQuery's SQL, CREATE MODEL … ARIMA_PLUS included, on a running server, or with --data on the folder of a " +
        'stopped one. Without -e and -f it asks for statements, or reads them from standard input. Rows go to standard output, ' +
        'all else to standard error.',
    );
  command
    .option('-e, --execute <statements>', 'run these, one or several with ; between them')
    .option('-f, --file <file>', 'run the statements of a file; - is standard input')
    .addOption(
      new Option('--format <format>', 'how rows are written: table, csv or json')
        .choices(SQL_FORMATS)
        .default('table'),
    );
  addServerFlags(command);
  command
    .option('--data <folder>', 'data folder of a stopped server, instead of a running one')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SqlFlags) => {
      refuseContradictions(flags);
      const { runSql } = await import('./sql-run.js');
      const { execute, file, format } = flags;
      process.exitCode = await runSql({
        open: () => openTransport(command, flags),
        format,
        ...(execute === undefined ? {} : { statements: execute }),
        ...(file === undefined ? {} : { file }),
      });
    });
}

const EXAMPLES = `
In the prompt a statement ends with ; and may take several lines. Ctrl-C cancels what runs, \\q or Ctrl-D leaves,
\\? tells the rest.

In a table NULL is NULL and the text NULL is "NULL"; in CSV NULL is nothing and the empty text is "".

Exit codes: 0 done; 2 a statement is wrong or failed (its message says where, as [line:column]); 7 the key may not do
this; 130 interrupted; others as in docs/exit-codes.md. Statements before one that failed stay done.

Examples:
  $ seismo sql
  $ seismo sql -e 'SELECT series, COUNT(*) AS n FROM metrics_dataset.samples GROUP BY series ORDER BY n DESC'
  $ seismo sql -f report.sql --format csv > report.csv
  $ seismo sql --data ./seismo-data --format json -e 'SELECT * FROM metrics_dataset.anomalies'`;

function refuseContradictions({ data, url, apiKey, file, execute }: SqlFlags): void {
  if (file !== undefined && execute !== undefined) {
    throw new AppError('usage', '-e and -f are given, and only one of them can be run.', { field: '-f' });
  }
  const other = url !== undefined ? '--url' : apiKey !== undefined ? '--api-key' : undefined;
  if (data === undefined || other === undefined) return;
  throw new AppError('usage', `--data asks a folder and ${other} a running server.`, {
    field: '--data',
    hint: 'Leave one of them out.',
  });
}

async function openTransport(command: Command, flags: SqlFlags) {
  if (flags.data === undefined) {
    const server = readServerAddress(flags, process.env);
    const { sqlOverHttp } = await import('./sql-transport.js');
    return sqlOverHttp(server);
  }
  const config = readConfig(command, process.env, ['retentionMs', 'seriesMax', 'diskReserveBytes']);
  const { sqlOverFolder } = await import('./sql-folder.js');
  return sqlOverFolder(flags.data, config);
}
