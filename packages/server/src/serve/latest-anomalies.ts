import type { Anomaly } from '../model/verdict.js';
import type { Detection } from '../ports/detection.js';
import type { ModelStore } from '../ports/model-store.js';
import type { AnomalyReader } from '../ports/sample-store.js';

const SEED_ROWS = 10_000;

/** When each series was last anomalous: read once from the store, then kept up from what detection says. */
export class LatestAnomalies {
  readonly #timeMsById = new Map<number, number>();
  readonly #store: AnomalyReader;
  #seeded: Promise<void> | undefined;

  constructor(store: AnomalyReader, detection: Detection, models?: Pick<ModelStore, 'onFound'>) {
    this.#store = store;
    detection.onJudged(({ anomalies }) => {
      for (const anomaly of anomalies) this.#note(anomaly);
    });
    models?.onFound((found) => {
      for (const anomaly of found) this.#note(anomaly);
    });
  }

  /** Resolves once the newest anomalies of before the start are known. */
  seeded(): Promise<void> {
    this.#seeded ??= this.#store.queryAnomalies({ limit: SEED_ROWS }).then(
      (anomalies) => {
        for (const anomaly of anomalies) this.#note(anomaly);
      },
      (error: unknown) => {
        this.#seeded = undefined;
        throw error;
      },
    );
    return this.#seeded;
  }

  timeMs(seriesId: number): number | undefined {
    return this.#timeMsById.get(seriesId);
  }

  #note(anomaly: Anomaly): void {
    if (anomaly.review === 'withdrawn') return;
    const known = this.#timeMsById.get(anomaly.seriesId);
    if (known === undefined || known < anomaly.timeMs) this.#timeMsById.set(anomaly.seriesId, anomaly.timeMs);
  }
}
