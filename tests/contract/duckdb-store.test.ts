import { createDirectPublisher } from '@seismo/server/adapters/embedded/direct-publisher';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { describeAnomalyReader } from './anomaly-reader.contract.js';
import { describeCommitLog } from './commit-log.contract.js';
import { describeFindings } from './findings.contract.js';
import { describePublisher } from './publisher.contract.js';
import { describeSampleReader } from './sample-reader.contract.js';
import { describeSampleWriter } from './sample-writer.contract.js';
import { describeStateStore } from './state-store.contract.js';
import { allOf, lookup, partsOf, StoreBench, type StoreFactory } from './store-harness.js';
import { describeStoreUpkeep } from './store-upkeep.contract.js';

const duckDb: StoreFactory = {
  name: 'DuckDB',
  open: (dataFolder, settings) =>
    openDuckDbStore({
      dataFolder,
      lookup,
      diskReserveBytes: 0,
      clock: { nowMs: () => Date.now() },
      ...settings,
    }),
};

describeSampleWriter(partsOf(duckDb));
describeSampleReader(partsOf(duckDb));
describeAnomalyReader(partsOf(duckDb));
describeCommitLog(duckDb);
describeStoreUpkeep(duckDb);
describeFindings(duckDb);
describeStateStore(duckDb);
describePublisher({
  name: 'DuckDB, called directly,',
  async open() {
    const bench = new StoreBench(duckDb);
    const { samples } = await bench.open();
    return {
      publisher: createDirectPublisher(samples),
      async received() {
        // Opened anew, also where the test has closed it already.
        await samples.close();
        const { samples: again } = await bench.open();
        const received = new Map<string, number>();
        for (const { id, key } of await again.readSeries()) {
          for (const [timeMs, value] of await allOf(again, id)) received.set(`${key} ${timeMs}`, value);
        }
        return received;
      },
      close: () => samples.close(),
      clear: () => bench.clear(),
    };
  },
});
