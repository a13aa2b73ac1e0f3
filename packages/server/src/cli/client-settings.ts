import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { refuseUnknownVariables } from './environment.js';

/** Where a running server is and with which key to talk to it. */
export interface ServerAddress {
  /** Without a slash at the end. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

export function addServerFlags(command: Command): void {
  for (const option of serverOptions()) command.addOption(option);
}

export function serverOptions(): Option[] {
  return [
    new Option('--url <url>', `address of the running server (SEISMO_URL; ${DEFAULT_URL})`),
    new Option('--api-key <key>', 'key of that server (SEISMO_API_KEY; none)'),
  ];
}

export function readServerAddress(
  options: { url?: string; apiKey?: string },
  environment: Readonly<Record<string, string | undefined>>,
): ServerAddress {
  refuseUnknownVariables(environment);
  const source = options.url === undefined && environment.SEISMO_URL ? 'SEISMO_URL' : '--url';
  const text = options.url ?? (environment.SEISMO_URL || DEFAULT_URL);
  if (!URL.canParse(text) || !/^https?:\/\//.test(text)) {
    throw new AppError('usage', `${source} must be an address such as ${DEFAULT_URL}, not "${text}".`, {
      field: source,
    });
  }
  if (options.apiKey?.trim() === '') {
    throw new AppError('usage', '--api-key is set but empty.', {
      field: '--api-key',
      hint: 'Was the shell variable that it comes from set? Leave it out for a server without keys.',
    });
  }
  const apiKey = options.apiKey ?? (environment.SEISMO_API_KEY || undefined);
  return { url: text.replace(/\/+$/, ''), apiKey };
}
