import { createServer, type IncomingMessage } from 'node:http';
import { closeNow, listenLocally } from '../../support/local-server.js';
import type { BigQueryEmulator } from './bigquery-emulator.js';

export interface QueryGate {
  readonly project: string;
  /** To be called in BigQuery's place. */
  readonly url: string;
  /** Every query that came, as it was sent. */
  readonly queries: readonly SentQuery[];
  /** The next job whose statement matches fails with this reason, as one that failed while it ran. */
  failNext(statement: RegExp, reason: string): void;
  /** Jobs whose id matches are said to be running until this is called with undefined. */
  hold(jobId: RegExp | undefined): void;
  stop(): Promise<void>;
}

interface SentQuery {
  readonly statement: string;
  readonly maximumBytesBilled: string | undefined;
}

interface JobBody {
  readonly configuration?: { query?: { query: string; maximumBytesBilled?: string } };
}

/**
 * Stands before BigQuery's REST, remembers the queries that jobs are made of, and spoils what the test says. A job has
 * ended when its creation is answered, so that what each call finds is the same in every run.
 */
export async function startQueryGate(bigquery: BigQueryEmulator): Promise<QueryGate> {
  const queries: SentQuery[] = [];
  let failure: { statement: RegExp; reason: string } | undefined;
  let held: RegExp | undefined;

  function changed(text: string): string {
    const body = JSON.parse(text) as JobBody;
    const query = body.configuration?.query;
    if (query === undefined) return text;
    queries.push({ statement: query.query, maximumBytesBilled: query.maximumBytesBilled });
    if (!failure?.statement.test(query.query)) return text;
    query.query = `SELECT ERROR('${failure.reason}')`;
    failure = undefined;
    return JSON.stringify(body);
  }

  const server = createServer(async (request, response) => {
    try {
      const body = await readBody(request);
      const there = await fetch(`${bigquery.url}${request.url}`, {
        method: request.method ?? 'GET',
        ...(body === '' ? {} : { body: changed(body), headers: { 'content-type': 'application/json' } }),
      });
      let content = await there.text();
      if (request.method === 'POST' && there.ok) await ended(bigquery, content);
      const jobId = /\/jobs\/([^/?]+)/.exec(request.url ?? '')?.[1];
      if (jobId !== undefined && held?.test(jobId)) {
        content = content.replace(/"state": ?"DONE"/, '"state":"RUNNING"');
      }
      response.writeHead(there.status, { 'content-type': 'application/json' }).end(content);
    } catch {
      response.destroy();
    }
  });
  const port = await listenLocally(server);

  return {
    project: bigquery.project,
    url: `http://127.0.0.1:${port}`,
    queries,
    failNext(statement, reason) {
      failure = { statement, reason };
    },
    hold(jobId) {
      held = jobId;
    },
    stop: () => closeNow(server),
  };
}

/** Waits until the job that an answer names has ended. */
async function ended({ url, project }: BigQueryEmulator, answer: string): Promise<void> {
  const { jobReference } = JSON.parse(answer) as { jobReference?: { jobId: string } };
  if (jobReference === undefined) return;
  const results = `${url}/bigquery/v2/projects/${project}/queries/${jobReference.jobId}?maxResults=0&timeoutMs=60000`;
  await (await fetch(results)).arrayBuffer();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
