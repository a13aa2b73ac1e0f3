import { type Command, Option } from 'commander';
import type { ExportFormat } from '../adapters/embedded/duckdb-export.js';
import { AppError } from '../errors.js';
import { addSettings, readConfig } from './read-config.js';

interface ExportFlags {
  backup?: string;
  to?: string;
  format: ExportFormat;
  from?: number;
  until?: number;
}

export function registerExport(program: Command): void {
  const command = program
    .command('export')
    .summary('write all samples into files that BigQuery loads')
    .description(
      'Writes every sample of a stopped server, or of a backup, into compressed files with the columns of the ' +
        'table metrics_dataset.samples in BigQuery, sorted by time.',
    );
  addSettings(command, ['dataFolder']);
  command
    .option('--backup <file>', 'file that `seismo backup` wrote, instead of a data folder')
    .option('--to <folder>', 'folder to make for the files (default: seismo-export-DATE)')
    .addOption(
      new Option('--format <format>', 'ndjson, csv or parquet')
        .choices(['ndjson', 'csv', 'parquet'])
        .default('ndjson'),
    )
    .addOption(
      new Option('--from <time>', 'only samples from this time on, for example 2026-01-31').argParser(
        readTime('--from'),
      ),
    )
    .addOption(new Option('--until <time>', 'only samples before this time').argParser(readTime('--until')))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ExportFlags) => {
      const { dataFolder } = readConfig(command, process.env, ['dataFolder']);
      const { exportToFiles } = await import('./export.js');
      const to = flags.to ?? `seismo-export-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
      const from = flags.backup === undefined ? { dataFolder } : { backup: flags.backup };
      await exportToFiles({
        from,
        to,
        format: flags.format,
        fromMs: flags.from ?? 0,
        untilMs: flags.until ?? Number.MAX_SAFE_INTEGER,
        nowMs: Date.now(),
      });
    });
}

const EXAMPLES = `
Examples:
  $ seismo export --data ./seismo-data --to ./samples
  $ for file in samples/*; do
      bq load --source_format=NEWLINE_DELIMITED_JSON metrics_dataset.samples "$file"; done
  $ seismo backup --to monday.duckdb && seismo export --backup monday.duckdb --from 2026-01-01

\`seismo import\` brings such files back, and what BigQuery exports.`;

function readTime(flag: string): (text: string) => number {
  return (text) => {
    const timeMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(timeMs)) return timeMs;
    throw new AppError('usage', `${flag} must be a day or an RFC 3339 time, not "${text}".`, {
      field: flag,
      hint: 'For example 2026-01-31, or 2026-01-31T12:00:00Z.',
    });
  };
}
