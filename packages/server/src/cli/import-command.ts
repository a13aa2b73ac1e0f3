import type { Command } from 'commander';
import { addServerFlags, readServerAddress } from './client-settings.js';

interface ImportFlags {
  url?: string;
  apiKey?: string;
  quiet?: boolean;
}

export function registerImport(program: Command): void {
  const command = program
    .command('import')
    .argument('<files...>', 'files with one sample in each line; - reads standard input')
    .summary('send samples that `seismo export` or BigQuery wrote to a running server')
    .description(
      'Sends the samples of newline-delimited JSON or CSV files, packed with gzip or not, to a running server. ' +
        'Columns: time, name, labels, value. Sending them again changes nothing.',
    );
  addServerFlags(command);
  command
    .option('--quiet', 'print errors only')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], flags: ImportFlags) => {
      const server = readServerAddress(flags, process.env);
      const { importFiles } = await import('./import.js');
      process.exitCode = await importFiles({ files, server, quiet: flags.quiet === true });
    });
}

const EXAMPLES = `
Exit codes: 0 all samples accepted, 8 some rejected (each named on standard error), others as in docs/exit-codes.md.

Examples:
  $ seismo import samples/*.ndjson.gz
  $ gcloud storage cat 'gs://my-bucket/samples-*.ndjson.gz' | seismo import - --url https://seismo.example`;
