import type { Command } from 'commander';
import { addSettings, readConfig } from './read-config.js';

export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('take metrics in, watch them and answer; what `npm start` runs')
    .description(
      'Starts the server: takes metrics in at POST /metrics, watches every series, shows them at / and answers ' +
        'GET /get_anomalies. In brackets: ' +
        'the environment variable of a flag, over which the flag wins, and the default.',
    );
  addSettings(command);
  command.addHelpText(
    'after',
    `
Examples:
  $ seismo serve
  $ seismo serve --port 9000 --data /var/lib/seismo --retention 90d
  $ SEISMO_API_KEYS=write:0123456789abcdef,read:fedcba9876543210 seismo serve --host 0.0.0.0
  $ seismo serve --role metrics-api --project my-project --auth iam`,
  );
  command.action(async () => {
    const config = readConfig(command, process.env);
    const { serve } = await import('./serve.js');
    process.exitCode = await serve(config);
  });
}
