import { createBigQueryClient } from '@seismo/server/adapters/gcp/bigquery-client';

export type BigQueryClient = ReturnType<typeof createBigQueryClient>;

/** The product's own client, led to an emulator (or what stands before it) at `url`. */
export function clientOf({ url, project }: { url: string; project: string }): BigQueryClient {
  // The client reads it when it is made.
  process.env.BIGQUERY_EMULATOR_HOST = `${url}/bigquery/v2`;
  process.env.METADATA_SERVER_DETECTION = 'none';
  try {
    return createBigQueryClient({ project });
  } finally {
    delete process.env.BIGQUERY_EMULATOR_HOST;
  }
}
