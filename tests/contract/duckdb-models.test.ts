import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { EmbeddedModelStore } from '@seismo/server/adapters/embedded/embedded-model-store';
import { silentLogger } from '@seismo/server/logger';
import { SeriesRegistry } from '@seismo/server/model/series-registry';
import type { ModelRound, ModelStore } from '@seismo/server/ports/model-store';
import { createSelfMetrics } from '@seismo/server/self-metrics';
import { describeModelStore, type ModelBench } from './model-store.contract.js';
import { batchOf } from './store-harness.js';

const MINUTE_MS = 60_000;

describeModelStore('the data folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seismo-models-'));
  const registry = new SeriesRegistry();
  const clock = { nowMs: () => bench.nowMs };
  const { samples, models } = await openDuckDbStore({
    dataFolder: folder,
    lookup: (id) => registry.byId(id),
    diskReserveBytes: 0,
    clock,
  });
  const store = new EmbeddedModelStore({
    tables: models,
    registry,
    clock,
    log: silentLogger,
    metrics: createSelfMetrics(),
    modelsMax: 10,
    trainIntervalMs: 60 * MINUTE_MS,
    trainShare: 1,
    falseAlarmsPerWeek: 1,
    cores: 2,
  });
  const bench: ModelBench = {
    store,
    nowMs: 1_743_548_400_000 + MINUTE_MS / 2,
    settle: () => allDone(store),
    async keep(key, values, lastMinutesAgo) {
      const { id } = registry.byKey(key) ?? registry.add(key, key, {});
      const lastMs = bench.nowMs - MINUTE_MS / 2 - lastMinutesAgo * MINUTE_MS + 10_000;
      await samples.append(
        batchOf(
          ...values.map(
            (value, i) =>
              [id, lastMs - (values.length - 1 - i) * MINUTE_MS, value] as [number, number, number],
          ),
        ),
      );
    },
    async anomalies() {
      const found = await samples.queryAnomalies({ limit: 100 });
      return found
        .reverse()
        .map(({ seriesId, value, alarm }) => ({ series: registry.byId(seriesId)!.key, value, alarm }));
    },
    async close() {
      await store.stop();
      await samples.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
});

/** Calls until nothing is under way and nothing more is begun; gives all that was said meanwhile. */
async function allDone(store: ModelStore): Promise<ModelRound[]> {
  const rounds: ModelRound[] = [];
  for (let quiet = 0; quiet < 2; ) {
    const now = [await store.detect(), await store.train()];
    rounds.push(...now);
    const { waiting, running } = store.queue();
    const underWay = now.some(
      ({ started, collected, skipped }) =>
        started.length + collected.length > 0 ||
        skipped.some(({ reason }) => reason === 'A round is under way.'),
    );
    quiet = underWay || waiting + running > 0 ? 0 : quiet + 1;
    await pause(50);
  }
  return rounds;
}
