import type { FastifyInstance } from 'fastify';
import type { Logger } from '../logger.js';
import type { Clock } from '../ports/clock.js';
import type { SelfMetrics } from '../self-metrics.js';
import type { RoleConfig } from './complete-config.js';

/** What every role is made with. */
export interface RoleParts {
  readonly config: RoleConfig;
  readonly clock: Clock;
  readonly metrics: SelfMetrics;
  readonly log: Logger;
  readonly version: string;
}

/** A service that is ready to listen. */
export interface RoleService {
  readonly app: FastifyInstance;
  /** After the server is closed: hands on what waits, and closes the clients. */
  stop(): Promise<void>;
}
