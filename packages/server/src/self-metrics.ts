import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The program's own metrics, all in one place; `GET /metrics` prints the registry. */
export function createSelfMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    samplesAccepted: new Counter({
      name: 'seismo_samples_accepted_total',
      help: 'Samples durable in the store.',
      registers,
    }),
    itemsRejected: new Counter({
      name: 'seismo_items_rejected_total',
      help: 'Items or fields of items that were not accepted, by reason.',
      labelNames: ['code'] as const,
      registers,
    }),
    deadLetters: new Counter({
      name: 'seismo_dead_letters_total',
      help: 'Messages that can never be stored, as a whole or in part, by reason.',
      labelNames: ['reason'] as const,
      registers,
    }),
    samplesJudged: new Counter({
      name: 'seismo_samples_judged_total',
      help: 'Samples that the detector judged, by state.',
      labelNames: ['state'] as const,
      registers,
    }),
    samplesLate: new Counter({
      name: 'seismo_samples_late_total',
      help: 'Samples stored but not judged: late, or repeats.',
      registers,
    }),
    anomalies: new Counter({ name: 'seismo_anomalies_total', help: 'Anomalous samples.', registers }),
    ...createModelMetrics(registry),
    commitSeconds: new Histogram({
      name: 'seismo_commit_seconds',
      help: 'Duration of store commits.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    liveClients: new Gauge({ name: 'seismo_live_clients', help: 'Open /api/live connections.', registers }),
  };
}

function createModelMetrics(registry: Registry) {
  const registers = [registry];
  return {
    minutesJudged: new Counter({
      name: 'seismo_minutes_judged_total',
      help: 'Closed minutes judged by the model of their series, by state; late ones once more as they change.',
      labelNames: ['state'] as const,
      registers,
    }),
    minuteAnomalies: new Counter({
      name: 'seismo_minute_anomalies_total',
      help: 'Anomalous minutes, and those that late samples took back.',
      labelNames: ['review'] as const,
      registers,
    }),
    trainingSeconds: new Histogram({
      name: 'seismo_training_seconds',
      help: 'Time that the training of one model took of its thread.',
      buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
      registers,
    }),
    trainingsFailed: new Counter({
      name: 'seismo_trainings_failed_total',
      help: 'Trainings that gave no model.',
      registers,
    }),
  };
}

export type SelfMetrics = ReturnType<typeof createSelfMetrics>;
