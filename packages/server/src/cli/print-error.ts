import { CommanderError } from 'commander';
import { AppError, ERROR_TABLE } from '../errors.js';
import { isOnCloudRun } from './cloud-run.js';
import { gcpRecord, serviceOf } from './gcp-log.js';

/** One sentence and a hint on standard error; the stack only as a field, where the log is JSON. */
export function printError(error: AppError, argv: readonly string[]): void {
  const { code, field, hint, message } = error;
  const format = logFormat(argv);
  if (format === 'gcp') {
    const fields = { err: error, code, field, hint };
    const record = gcpRecord('CRITICAL', fields, 'Seismo cannot go on:', {
      ...serviceOf(process.env),
      project: undefined,
    });
    process.stderr.write(`${JSON.stringify(record)}\n`);
    return;
  }
  if (format === 'json') {
    const stack = (error.cause instanceof Error ? error.cause : error).stack;
    const record = { level: 'fatal', time: new Date().toISOString(), code, field, hint, stack, msg: message };
    process.stderr.write(`${JSON.stringify(record)}\n`);
    return;
  }
  const hintLine = hint === undefined ? '' : `hint: ${hint}\n`;
  process.stderr.write(`error: ${message}\n${hintLine}`);
}

export function exitCodeOf(error: AppError): number {
  return ERROR_TABLE[error.code].exitCode;
}

/** Every failure as an AppError; undefined where commander only printed help or the version. */
export function applicationErrorOf(thrown: unknown): AppError | undefined {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof CommanderError) return usageErrorOf(thrown);
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new AppError('internal', `Something went wrong inside Seismo: ${cause.message}`, {
    hint: 'Run it again with --log json to see where.',
    cause,
  });
}

/** Commander says `error: unknown option '--prot'\n(Did you mean --port?)`; we say a sentence and a hint. */
function usageErrorOf(error: CommanderError): AppError | undefined {
  if (error.exitCode === 0 || error.code === 'commander.help') return undefined;
  const [first = '', ...rest] = error.message.split('\n');
  const sentence = first.replace(/^error: /, '').replace(/^./, (char) => char.toUpperCase());
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  const hint =
    suggestion === ''
      ? '`seismo --help` lists the commands, `seismo <command> --help` its flags.'
      : suggestion;
  return new AppError('usage', `${sentence.replace(/\.$/, '')}.`, { hint });
}

/** Found without reading the configuration, which may be what is wrong. */
function logFormat(argv: readonly string[]): string | undefined {
  const at = argv.lastIndexOf('--log');
  const flag = argv.find((one) => one.startsWith('--log='))?.slice('--log='.length);
  const byDefault = isOnCloudRun(process.env) ? 'gcp' : undefined;
  return flag ?? (at >= 0 ? argv[at + 1] : (process.env.SEISMO_LOG ?? byDefault));
}
