import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { describeAnomalyReader } from './anomaly-reader.contract.js';
import { describeCommitLog } from './commit-log.contract.js';
import { describeFindings } from './findings.contract.js';
import { describeSamples } from './samples.contract.js';
import { describeStateStore } from './state-store.contract.js';
import { lookup, partsOf, type StoreFactory } from './store-harness.js';
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

describeSamples(partsOf(duckDb));
describeAnomalyReader(partsOf(duckDb));
describeCommitLog(duckDb);
describeStoreUpkeep(duckDb);
describeFindings(duckDb);
describeStateStore(duckDb);
