import { createServer, type IncomingMessage } from 'node:http';
import { closeNow, listenLocally } from '../../support/local-server.js';
import type { BigQueryEmulator } from './bigquery-emulator.js';
import { MlRewriting } from './ml-rewriting.js';

export interface MlStandIn {
  readonly project: string;
  /** To be called in the emulator's place. */
  readonly url: string;
  /** Every query that came, as it was sent. */
  readonly queries: readonly SentQuery[];
  /** The next job whose statement matches fails with this reason, as one that failed while it ran. */
  failNext(statement: RegExp, reason: string): void;
  /** Jobs whose id matches are said to be running until this is called with undefined. */
  hold(jobId: RegExp | undefined): void;
  stop(): Promise<void>;
}

export interface SentQuery {
  readonly statement: string;
  readonly jobId: string | undefined;
  readonly maximumBytesBilled: string | undefined;
}

interface QueryBody {
  query?: string;
  maximumBytesBilled?: string;
  jobReference?: { jobId?: string };
  configuration?: { query?: { query: string; maximumBytesBilled?: string } };
}

/**
 * Stands before the emulator and does what it cannot: BigQuery ML's statements, by their documented shapes (see
 * ml-functions.ts); an id of a job given twice is refused, as BigQuery does.
 */
export async function startMlStandIn(emulator: BigQueryEmulator): Promise<MlStandIn> {
  const sent = new SentQueries();
  let held: RegExp | undefined;

  const server = createServer(async (request, response) => {
    const answer = (status: number, content: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(content);
    try {
      const text = await readBody(request);
      const prepared = text === '' ? { body: '' } : sent.prepare(text);
      if ('answer' in prepared) {
        answer(prepared.status, JSON.stringify(prepared.answer));
        return;
      }
      const { body } = prepared;
      const there = await fetch(`${emulator.url}${request.url}`, {
        method: request.method ?? 'GET',
        ...(body === '' ? {} : { body, headers: { 'content-type': 'application/json' } }),
      });
      let content = await there.text();
      const jobId = /\/jobs\/([^/?]+)/.exec(request.url ?? '')?.[1];
      if (jobId !== undefined && held?.test(jobId)) {
        content = content.replace(/"state": ?"DONE"/, '"state":"RUNNING"');
      }
      answer(there.status, content);
    } catch (error) {
      answer(400, JSON.stringify({ error: { code: 400, message: String(error) } }));
    }
  });
  const port = await listenLocally(server);

  return {
    project: emulator.project,
    url: `http://127.0.0.1:${port}`,
    queries: sent.queries,
    failNext(statement, reason) {
      sent.failure = { statement, reason };
    },
    hold(jobId) {
      held = jobId;
    },
    stop: () => closeNow(server),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** What came so far, and what becomes of the next one. */
class SentQueries {
  readonly queries: SentQuery[] = [];
  failure: { statement: RegExp; reason: string } | undefined;
  readonly #rewriting = new MlRewriting();
  readonly #jobIds = new Set<string>();

  /** The body to send on, or an answer in its place. */
  prepare(text: string): { body: string } | { status: number; answer: object } {
    const body = JSON.parse(text) as QueryBody;
    const query =
      body.configuration?.query ?? (body.query === undefined ? undefined : (body as { query: string }));
    if (query === undefined) return { body: text };
    const statement = query.query;
    const jobId = body.jobReference?.jobId;
    const { maximumBytesBilled } = query as { maximumBytesBilled?: string };
    this.queries.push({ statement, jobId, maximumBytesBilled });
    if (jobId !== undefined && this.#jobIds.has(jobId)) {
      return { status: 409, answer: { error: { code: 409, message: `Already Exists: Job ${jobId}` } } };
    }
    if (jobId !== undefined) this.#jobIds.add(jobId);
    if (this.failure?.statement.test(statement)) {
      query.query = `SELECT ERROR('${this.failure.reason}')`;
      this.failure = undefined;
    } else {
      query.query = this.#rewriting.rewrite(statement);
    }
    return { body: JSON.stringify(body) };
  }
}
