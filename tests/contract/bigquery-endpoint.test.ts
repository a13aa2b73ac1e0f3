import { afterAll, beforeAll, describe } from 'vitest';
import { type StorageServer, startStorageServer } from '../bigquery/support/storage-harness.js';
import { bigQueryClient } from '../cloud/support/bigquery-emulator.js';
import { describeAnomalyReader } from './anomaly-reader.contract.js';
import { openBigQueryParts } from './bigquery-parts.js';
import { describeSampleWriter } from './sample-writer.contract.js';

describe('on the embedded server, spoken to as BigQuery', () => {
  let server: StorageServer;
  beforeAll(async () => {
    server = await startStorageServer();
  });
  afterAll(() => server.stop());

  function open() {
    const client = bigQueryClient(server.url, 'test');
    return openBigQueryParts({ ...client, writeEndpoint: server.endpoint });
  }

  describeSampleWriter({ name: 'The embedded server', open });
  describeAnomalyReader({ name: 'The embedded server', open });
});
