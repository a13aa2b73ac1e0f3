import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';

export interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startService(config: Config, log: Logger): Promise<Service> {
  log.debug({ config }, 'Starting.');
  throw new AppError('not_ready', 'The pipeline is not joined yet.');
}
