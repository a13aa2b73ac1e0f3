import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { describeFindings } from './findings.contract.js';
import { describeSampleStore } from './sample-store.contract.js';
import { describeStateStore } from './state-store.contract.js';
import { lookup, type StoreFactory } from './store-harness.js';

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

describeSampleStore(duckDb);
describeFindings(duckDb);
describeStateStore(duckDb);
