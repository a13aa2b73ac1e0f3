import { Command } from 'commander';
import { AppError } from '../errors.js';
import { registerBacktest } from './backtest-command.js';
import { registerBackup, registerCompact, registerRestore } from './backup-commands.js';
import { registerCheck } from './check-command.js';
import { registerDetect } from './detect-command.js';
import { registerEvaluate } from './evaluate-command.js';
import { registerExplain } from './explain-command.js';
import { registerExport } from './export-command.js';
import { registerForecast } from './forecast-command.js';
import { hideFlags } from './hide-flags.js';
import { registerImport } from './import-command.js';
import { registerReplay } from './replay-command.js';
import { registerServe } from './serve-command.js';
import { registerSql } from './sql-command.js';
import { registerTrain } from './train-command.js';
import { VERSION } from './version.js';

/**
 * All commands. Their actions import what they need when they run, so that `--help` costs nothing; they leave
 * their exit code in process.exitCode or throw an AppError.
 */
export function createProgram(): Command {
  const program = new Command('seismo')
    .description('Metrics in, anomalies out within a second.')
    .usage('<command> [flags]')
    .version(`seismo ${VERSION}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({
      helpWidth: Math.min(process.stdout.columns ?? 100, 110),
      subcommandTerm: (command) => `${command.name()} ${argumentTerms(command)}`.trimEnd(),
    })
    .addHelpText(
      'after',
      `
Examples:
  $ seismo serve                     then open http://127.0.0.1:8080
  $ seismo replay examples/ec2_request_latency_system_failure.csv --as latency --shift-to-now
  $ seismo detect day.csv
  $ seismo forecast load.csv --horizon 48 --id-column id --frequency hourly
  $ seismo sql -e 'SELECT * FROM metrics_dataset.metrics_table ORDER BY timestamp DESC LIMIT 10'

\`seismo <command> --help\` tells more of each, \`seismo --version\` the version. In a clone, write npx before.`,
    );
  registerServe(program);
  registerReplay(program);
  registerSql(program);
  registerDetect(program);
  registerBacktest(program);
  registerTrain(program);
  registerForecast(program);
  registerExplain(program);
  registerEvaluate(program);
  registerBackup(program);
  registerRestore(program);
  registerCompact(program);
  registerExport(program);
  registerImport(program);
  registerCheck(program);
  for (const command of [program, ...program.commands]) quieten(command);
  for (const command of program.commands) tidyHelp(command);
  // The flags of the program itself are told of below its commands.
  hideFlags(program);
  return program;
}

/** Flags are flags everywhere, and --help needs no line of its own in a help. */
function tidyHelp(command: Command): void {
  const words = argumentTerms(command);
  command.usage(words === '' ? '[flags]' : `${words} [flags]`);
  command.configureHelp({
    visibleOptions: (shown) => shown.options.filter((option) => !option.hidden),
    styleTitle: (title) => (title === 'Options:' ? 'Flags:' : title),
    ...command.configureHelp(),
  });
}

function argumentTerms(command: Command): string {
  const term = (name: string, isRequired: boolean) => (isRequired ? `<${name}>` : `[${name}]`);
  return command.registeredArguments.map((one) => term(one.name(), one.required)).join(' ');
}

/** Commander must neither exit nor write errors: main prints them. */
function quieten(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: () => {} });
  command.showSuggestionAfterError(true);
}

/** Bare `seismo` and `seismo help [command]` are `--help`; a misspelled command is refused before its help. */
export function rewriteHelp(program: Command, argv: readonly string[]): string[] {
  const [first, second] = argv;
  if (first === undefined || (first === 'help' && second === undefined)) return ['--help'];
  if (first === 'help' && second !== undefined) return rewriteHelp(program, [second, '--help']);
  refuseFlagBeforeCommand(program, argv);
  const isCommand = program.commands.some((command) => command.name() === first);
  return first.startsWith('-') || isCommand ? [...argv] : [first];
}

/** `seismo --port 9000` and `seismo --port 9000 serve`: names the command that knows the flag. */
function refuseFlagBeforeCommand(program: Command, argv: readonly string[]): void {
  const flag = argv[0]?.split('=')[0] ?? '';
  const knows = (command: Command) => command.options.some(({ short, long }) => [short, long].includes(flag));
  const named = program.commands.find((command) => argv.includes(command.name()) && knows(command));
  const command = named ?? program.commands.find(knows);
  if (knows(program) || command === undefined) return;
  throw new AppError('usage', `No command stands before ${flag}.`, {
    hint: `Flags come after their command: seismo ${command.name()} ${flag}`,
  });
}
