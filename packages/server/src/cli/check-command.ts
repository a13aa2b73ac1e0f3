import type { Command } from 'commander';
import { hideFlags } from './hide-flags.js';
import { addSettings, readConfig } from './read-config.js';

export function registerCheck(program: Command): void {
  const command = program
    .command('check')
    .summary('look at configuration, folder, port and parts before anything starts')
    .description(
      'Takes the flags and variables of `serve` (`seismo serve --help` names them), starts nothing, changes nothing, and prints a line for each ' +
        'thing that `serve` will need. Ends with 0 when all is well, otherwise with the code of the first fault ' +
        '(docs/exit-codes.md).',
    );
  addSettings(command);
  // They stand in the help of `serve`.
  hideFlags(command);
  command.addHelpText(
    'after',
    `
Examples:
  $ seismo check
  $ SEISMO_DATA=/var/lib/seismo seismo check --port 9000`,
  );
  command.action(async () => {
    const config = readConfig(command, process.env);
    const { check } = await import('./check.js');
    process.exitCode = await check(config);
  });
}
