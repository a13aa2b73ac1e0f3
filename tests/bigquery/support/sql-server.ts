import { readFileSync, rmSync } from 'node:fs';
import { type RunningServer, startServer } from '../../blackbox/support/start-server.js';

export const PROJECT = 'test';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of the API have whatever shape the method gives them
  readonly body: any;
}

/** A started server, asked as BigQuery's clients ask. */
export class SqlServer {
  #server: RunningServer;

  private constructor(server: RunningServer) {
    this.#server = server;
  }

  static async start(args: readonly string[] = []): Promise<SqlServer> {
    return new SqlServer(await startServer({ args }));
  }

  get url(): string {
    return this.#server.url;
  }

  get dataFolder(): string {
    return this.#server.dataFolder;
  }

  /** The most memory that the process has had so far; only Linux tells, elsewhere it is 0. */
  mostBytes(): number {
    if (process.platform !== 'linux') return 0;
    const status = readFileSync(`/proc/${this.#server.process.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) * 1024;
  }

  /** Ends the process, hard or as a user would, and starts it again on the same folder. */
  async restart(how: 'kill' | 'stop'): Promise<void> {
    if (how === 'kill') await this.#server.kill();
    else await this.stopKeeping();
    await this.resume();
  }

  /** Ends the process; its folder stays. */
  async stopKeeping(): Promise<void> {
    this.#server.process.kill('SIGTERM');
    await this.#server.ended();
  }

  async resume(): Promise<void> {
    this.#server = await startServer({ args: ['--data', this.dataFolder] });
  }

  /** Removes the folder too. */
  async stop(): Promise<void> {
    const { dataFolder } = this;
    await this.#server.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  }

  /** `path` below the project. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await fetch(`${this.url}/bigquery/v2/projects/${PROJECT}/${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Asks, and waits for the end as clients do, unless `timeoutMs` says how long. */
  async query(sql: string, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const answer = await this.call('POST', 'queries', { query: sql, useLegacySql: false, ...more });
    if (answer.body.jobComplete !== false || more.timeoutMs !== undefined) return answer;
    const rows = more.maxResults === undefined ? '' : `?maxResults=${more.maxResults}`;
    return this.results(`${answer.body.jobReference.jobId}${rows}`);
  }

  /** What a job gave, once it has ended; with `?maxResults=…` behind its id so many rows. */
  async results(job: string): Promise<Answer> {
    for (;;) {
      const answer = await this.call('GET', `queries/${job}`);
      if (answer.body.jobComplete !== false) return answer;
    }
  }

  /** The rows of a query as arrays of values; fails with the message of the query where it fails. */
  async rows(sql: string, more: Readonly<Record<string, unknown>> = {}): Promise<unknown[][]> {
    const { status, body } = await this.query(sql, more);
    if (status !== 200) throw new Error(body.error.message);
    return (body.rows ?? []).map(({ f }: { f: { v: unknown }[] }) => f.map(({ v }) => v));
  }

  async send(samples: readonly object[]): Promise<void> {
    const answer = await fetch(`${this.url}/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(samples),
    });
    if (answer.status !== 202) throw new Error(await answer.text());
  }
}
