import { Command } from 'commander';
import { registerBackup, registerCompact, registerRestore } from './backup-commands.js';
import { registerCheck } from './check-command.js';
import { registerDetect } from './detect-command.js';
import { registerReplay } from './replay-command.js';
import { registerServe } from './serve-command.js';
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
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 100, 110) });
  registerServe(program);
  registerReplay(program);
  registerDetect(program);
  registerBackup(program);
  registerRestore(program);
  registerCompact(program);
  registerCheck(program);
  for (const command of [program, ...program.commands]) quieten(command);
  return program;
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
  const isCommand = program.commands.some((command) => command.name() === first);
  return first.startsWith('-') || isCommand ? [...argv] : [first];
}
