import type { Registry } from 'prom-client';
import type { Clock } from '../ports/clock.js';
import type { ModelStore, TrainingQueue } from '../ports/model-store.js';
import type { StoreStatistics } from '../ports/sample-store.js';
import { describeSeries, gauge } from './gauge.js';
import type { HttpServices } from './http-services.js';

/** Gauges of registry, detection and store, for `GET /metrics`. */
export function describeStages(services: HttpServices): void {
  const { registry } = services.metrics;
  describeState(registry, services);
  if (services.models !== undefined) describeModels(registry, services.models, services.clock);
  const { store, clock } = services;
  describeStore(
    registry,
    remembered(() => store.statistics(), clock),
  );
}

function describeState(registry: Registry, services: HttpServices): void {
  const { detection } = services;
  describeSeries(registry, () => services.registry.size, services.config.seriesMax);
  gauge(
    registry,
    'seismo_detector_series',
    'Series with detector state.',
    () => detection.status().seriesWithState,
  );
  gauge(
    registry,
    'seismo_detector_state_bytes',
    "Size of the detector's state.",
    () => detection.status().stateBytes,
  );
  gauge(registry, 'seismo_detector_caught_up', '1 when every commit was judged as it came.', () =>
    Number(detection.status().caughtUp),
  );
  gauge(registry, 'seismo_judged_seq', 'Newest commit judged.', () => detection.status().judgedSeq);
  gauge(
    registry,
    'seismo_checkpoint_seq',
    'Commit of the checkpoint.',
    () => detection.status().checkpointSeq,
  );
}

function describeModels(registry: Registry, models: ModelStore, clock: Clock): void {
  const ages = remembered(async () => {
    const known = await models.models();
    return known.flatMap(({ trainedMs }) =>
      trainedMs === undefined ? [] : [(clock.nowMs() - trainedMs) / 1000],
    );
  }, clock);
  gauge(registry, 'seismo_models', 'Series with a trained model.', async () => (await ages())?.length);
  gauge(registry, 'seismo_model_age_seconds', 'Since the training of the oldest model.', async () => {
    const known = (await ages()) ?? [];
    return known.length === 0 ? undefined : Math.max(...known);
  });
  const count = (name: string, help: string, read: (queue: TrainingQueue) => number) =>
    gauge(registry, name, help, () => {
      const value = read(models.queue());
      return Number.isNaN(value) ? undefined : value;
    });
  count('seismo_trainings_waiting', 'Models that are due and not begun.', (queue) => queue.waiting);
  count('seismo_trainings_running', 'Models being trained.', (queue) => queue.running);
  count(
    'seismo_training_all_seconds',
    'What training every model once takes.',
    (queue) => queue.secondsToTrainAll,
  );
  count(
    'seismo_series_without_room',
    'Series that a model is refused for want of room.',
    (queue) => queue.withoutRoom,
  );
}

type ReadStatistics = () => Promise<StoreStatistics | undefined>;

function describeStore(registry: Registry, read: ReadStatistics): void {
  const row = (name: string, help: string, pick: (statistics: StoreStatistics) => number) =>
    gauge(registry, name, help, async () => {
      const statistics = await read();
      return statistics === undefined ? undefined : pick(statistics);
    });
  row('seismo_committed_seq', 'Newest commit in the store.', (s) => s.committedSeq);
  row('seismo_store_samples', 'Samples stored.', (s) => s.samples);
  row('seismo_store_series', 'Series stored.', (s) => s.series);
  row('seismo_store_anomalies', 'Anomalies stored.', (s) => s.anomalies);
  row('seismo_store_uncompacted_samples', 'Samples that wait for compaction.', (s) => s.uncompactedSamples);
  row('seismo_store_bytes', 'Size of the store on disk.', (s) => s.bytesOnDisk);
  row('seismo_disk_free_bytes', 'Free space on its disk.', (s) => s.bytesFree);
  row('seismo_queued_samples', 'Samples that wait for their commit.', (s) => s.queuedSamples);
  row('seismo_storage_full', '1 while new samples are refused for want of space.', (s) => Number(s.full));
}

/** One look serves all gauges of a scrape; what does not answer leaves them out. */
function remembered<Value>(read: () => Promise<Value>, clock: Clock): () => Promise<Value | undefined> {
  let kept: Promise<Value | undefined> | undefined;
  let keptAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (kept === undefined || clock.nowMs() - keptAtMs > 1000) {
      keptAtMs = clock.nowMs();
      kept = read().catch(() => undefined);
    }
    return kept;
  };
}
