import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import type { SeriesRegistry } from '../model/series-registry.js';
import type { Clock } from '../ports/clock.js';
import type { Detection } from '../ports/detection.js';
import type { Ingest, Readiness } from '../ports/ingest.js';
import type { ModelStore } from '../ports/model-store.js';
import type { SampleStore } from '../ports/sample-store.js';
import type { SelfMetrics } from '../self-metrics.js';
import type { Guard } from './security/guard.js';

/** What every server needs, whatever it serves; it owns none of it. */
export interface BaseServices {
  readonly config: Pick<
    Config,
    'host' | 'allowedHosts' | 'corsOrigins' | 'apiKeys' | 'insecure' | 'onCloudRun' | 'auth' | 'role'
  >;
  readonly clock: Clock;
  readonly metrics: { readonly registry: Registry };
  readonly log: Logger;
  readonly readiness: () => Readiness;
  readonly version: string;
}

/** Who answers for paths that are no URL, by what these begin with; for all others it is done in our form. */
export type BadPaths = Map<string, (error: Error, request: FastifyRequest, reply: FastifyReply) => unknown>;

export type AddedRoutes = (app: FastifyInstance, guard: Guard, badPaths: BadPaths) => void;

/** What the embedded server is made of; it owns none of it. */
export interface HttpServices extends BaseServices {
  readonly config: Config;
  readonly metrics: SelfMetrics;
  readonly registry: SeriesRegistry;
  readonly store: SampleStore;
  readonly ingest: Ingest;
  readonly detection: Detection;
  /** Absent where models are turned off. */
  readonly models?: ModelStore;
  /** Routes of others, which are added to ours. */
  readonly addedRoutes?: AddedRoutes;
  /** Where the built page lies. */
  readonly dashboardFolder?: string;
}
