import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import type { SeriesRegistry } from '../model/series-registry.js';
import type { Clock } from '../ports/clock.js';
import type { Detection } from '../ports/detection.js';
import type { Ingest, Readiness } from '../ports/ingest.js';
import type { SampleStore } from '../ports/sample-store.js';
import type { SelfMetrics } from '../self-metrics.js';

/** What the server is made of; it owns none of it. */
export interface HttpServices {
  readonly config: Config;
  readonly clock: Clock;
  readonly metrics: SelfMetrics;
  readonly log: Logger;
  readonly registry: SeriesRegistry;
  readonly store: SampleStore;
  readonly ingest: Ingest;
  readonly detection: Detection;
  readonly readiness: () => Readiness;
  readonly version: string;
  /** Where the built page lies. */
  readonly dashboardFolder?: string;
}
