import type { Config } from '../config.js';
import type { Logger } from '../logger.js';

/**
 * The program's log. Text: `12:00:01 warning  message (field=value)` on standard error, from warnings up when
 * quiet. JSON: pino's lines on standard output, stacks included. gcp: see gcp-log.ts.
 */
export async function createLogger(
  config: Pick<Config, 'log' | 'quiet' | 'role' | 'project'>,
): Promise<Logger> {
  const level = config.quiet ? 'warn' : 'info';
  if (config.log === 'text') return textLogger(level);
  if (config.log === 'gcp') {
    const { gcpLogger, serviceOf } = await import('./gcp-log.js');
    return gcpLogger(level, { ...serviceOf(process.env, config.role), project: config.project });
  }
  const { pino } = await import('pino');
  const logger: Logger = pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['req.headers.authorization', 'req.headers["x-api-key"]', 'req.headers.cookie'],
    },
    pino.destination({ fd: 1, sync: true }),
  );
  return logger;
}

function textLogger(level: 'info' | 'warn'): Logger {
  const write = (label: string, fields: object, message: string) => {
    const time = new Date().toISOString().slice(11, 19);
    process.stderr.write(`${time} ${label.padEnd(7)} ${message}${fieldsText(fields)}\n`);
  };
  return {
    debug() {},
    info: (fields, message) => {
      if (level === 'info') write('info', fields, message);
    },
    warn: (fields, message) => write('warning', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
}

/** ` (seconds=3, error: disk is full)`: scalars and the messages of errors, never a stack. */
function fieldsText(fields: object): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Error) parts.push(`${name}: ${value.message}`);
    else if (value !== undefined && value !== null && typeof value !== 'object')
      parts.push(`${name}=${value}`);
  }
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
