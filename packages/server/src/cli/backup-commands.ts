import type { Command } from 'commander';
import { addServerFlags, readServerAddress } from './client-settings.js';
import { addSettings, readConfig } from './read-config.js';

/** `backup`, `restore` and `compact`: what is done with a data folder as a whole. */

interface BackupFlags {
  url?: string;
  apiKey?: string;
  to?: string;
  data?: string;
}

export function registerBackup(program: Command): void {
  const command = program
    .command('backup')
    .summary('copy everything into a file, from a running server or a stopped one')
    .description(
      'Fetches a consistent copy of the database and the fitted models from a running server, which goes on meanwhile; with --data it ' +
        'copies the folder of a stopped server instead. The copy is a DuckDB file: any DuckDB client reads it.',
    );
  addServerFlags(command);
  command
    .option('--to <file>', 'file to write, which must not exist (default: seismo-backup-DATE.duckdb)')
    .option('--data <folder>', 'data folder of a stopped server, instead of a running one')
    .addHelpText(
      'after',
      `
Examples:
  $ seismo backup
  $ SEISMO_API_KEY=0123456789abcdef seismo backup --url https://seismo.example --to monday.duckdb
  $ seismo backup --data ./seismo-data --to monday.duckdb`,
    )
    .action(async (flags: BackupFlags) => {
      const server = readServerAddress(flags, process.env);
      const { backUpFolder, backUpServer } = await import('./backup.js');
      const to =
        flags.to ?? `seismo-backup-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.duckdb`;
      await (flags.data === undefined ? backUpServer(server, to) : backUpFolder(flags.data, to));
    });
}

export function registerRestore(program: Command): void {
  const command = program
    .command('restore')
    .argument('<file>', 'file that `seismo backup` wrote')
    .summary('make a data folder of a backup');
  addSettings(command, ['dataFolder']);
  command
    .option('--force', 'replace the database that is in the folder')
    .addHelpText(
      'after',
      `
Example:
  $ seismo restore monday.duckdb --data ./seismo-data`,
    )
    .action(async (file: string, flags: { force?: boolean }) => {
      const { dataFolder } = readConfig(command, process.env, ['dataFolder']);
      const { restoreFolder } = await import('./backup.js');
      await restoreFolder(file, dataFolder, flags.force === true);
    });
}

export function registerCompact(program: Command): void {
  const command = program
    .command('compact')
    .summary('give the space of deleted samples back to the disk, while stopped')
    .description(
      'Writes the database anew without the space that deleted samples left, and swaps it in. Needs room for ' +
        'both while it runs. A running server uses such space again by itself.',
    );
  addSettings(command, ['dataFolder']);
  command
    .addHelpText(
      'after',
      `
Example:
  $ seismo compact --data ./seismo-data`,
    )
    .action(async () => {
      const { dataFolder } = readConfig(command, process.env, ['dataFolder']);
      const { compactFolder } = await import('./backup.js');
      await compactFolder(dataFolder);
    });
}
