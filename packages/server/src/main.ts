import { refuseFlagsKeptByNpm } from './cli/environment.js';
import { applicationErrorOf, exitCodeOf, printError } from './cli/print-error.js';
import { createProgram, rewriteHelp } from './cli/program.js';
import { endOnClosedPipe } from './cli/terminal.js';

/**
 * The command line. `argv` is what the user typed after `seismo`. Resolves with the exit code once the command
 * is done (for `serve`: once it has drained); prints errors itself and never rejects.
 */
export async function main(argv: readonly string[]): Promise<number> {
  endOnClosedPipe();
  try {
    refuseFlagsKeptByNpm(process.env);
    const program = createProgram();
    await program.parseAsync(rewriteHelp(program, argv), { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    const error = applicationErrorOf(thrown);
    if (error === undefined) return Number(process.exitCode ?? 0);
    printError(error, argv);
    return exitCodeOf(error);
  }
}
