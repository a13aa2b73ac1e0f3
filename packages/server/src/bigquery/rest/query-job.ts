import { randomUUID } from 'node:crypto';
import type { SqlSession } from '../../ports/sql-engine.js';
import type { Plan, QueryParameter, QueryPlan } from '../sql/plan.js';
import { followScript, type StatementSource } from '../sql/script.js';
import { catalogView } from './catalog-view.js';
import { type Endpoint, inSession } from './endpoint.js';
import { type Job, TIMED_OUT } from './job.js';
import type { TargetSettings } from './load-target.js';
import type { PlannedText } from './planner.js';
import type { Fields, RestRequest } from './request.js';
import { asRestError, RestError } from './rest-error.js';
import { type Outcome, StatementRunner } from './statement-runner.js';

/** What a query job asks for, whichever method brought it. */
export interface QueryJobRequest {
  readonly projectId: string;
  readonly query: string;
  readonly defaultDataset?: string;
  readonly parameters?: readonly QueryParameter[];
  readonly dryRun: boolean;
  readonly timeoutMs?: number;
  readonly destination?: TargetSettings;
  readonly requireWrite: () => void;
}

const RESULT_BYTES_MAX = 1_000_000_000;
const TIME_MS_MAX = 6 * 3_600_000;

/** Runs the statements of a query and leaves what they gave in the job's record. */
export async function runQueryJob(job: Job, request: QueryJobRequest, endpoint: Endpoint): Promise<void> {
  const timeMsMax = Math.min(request.timeoutMs ?? TIME_MS_MAX, TIME_MS_MAX);
  const timer = setTimeout(() => job.abort.abort(TIMED_OUT), timeMsMax);
  try {
    await inSession(endpoint, (session) => runIn(session, job, request, endpoint), job.abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function runIn(
  session: SqlSession,
  job: Job,
  request: QueryJobRequest,
  endpoint: Endpoint,
): Promise<void> {
  const runner = new StatementRunner(endpoint, session, {
    projectId: request.projectId,
    requireWrite: request.requireWrite,
    resultBytesMax: RESULT_BYTES_MAX,
    signal: job.abort.signal,
    ...(request.destination === undefined ? {} : { destination: request.destination }),
  });
  const planned = plannedText(request, endpoint, job.abort.signal);
  if (request.dryRun) {
    await checkAll(job, await endpoint.planner.check(planned), runner);
    return;
  }
  const statements = new Statements(job, endpoint);
  const evaluate = (query: QueryPlan) => asRest(runner.firstRow(query));
  const begin = (source: StatementSource) => statements.begin(source);
  try {
    await followScript(endpoint.planner.plan(planned, evaluate, begin), async (plan) => {
      job.record.statementType ??= statementType(plan);
      const outcome = await asRest(runner.run(plan, randomUUID()));
      // Variables are no statements to whoever looks at the jobs of a script.
      if (plan.kind !== 'declare' && plan.kind !== 'set') await statements.add(outcome);
    });
  } catch (error) {
    await statements.keepFirst();
    throw error;
  }
  statements.finish();
}

/** What fails says so in the words of a job: a script may read them. */
async function asRest<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const known = asRestError(error);
    // Of what is wrong here itself the log says more.
    throw known.reason === 'internalError' ? error : known;
  }
}

/** Runs one statement to its end, outside of a job. */
export async function runStatement(
  endpoint: Endpoint,
  sql: string,
  { path, requireWrite }: Pick<RestRequest, 'path' | 'requireWrite'>,
): Promise<void> {
  const projectId = path.projectId!;
  const { signal } = new AbortController();
  const plans = await endpoint.planner.check(plannedText({ projectId, query: sql }, endpoint, signal));
  if (plans.length !== 1)
    throw new RestError('invalid', 'The query of a view must be one statement.', 'view');
  await inSession(endpoint, async (session) => {
    const settings = { projectId, requireWrite, resultBytesMax: 0, signal };
    await new StatementRunner(endpoint, session, settings).run(plans[0]!, randomUUID());
  });
}

/** What a dry run tells: the kind of the statement, and the columns of a query. */
async function checkAll({ record }: Job, plans: readonly Plan[], runner: StatementRunner): Promise<void> {
  const [only] = plans;
  record.statementType = plans.length === 1 ? statementType(only!) : 'SCRIPT';
  if (plans.length !== 1) return;
  if (only?.kind === 'query') record.columns = only.columns;
  await runner.check(only!);
}

function plannedText(
  request: Pick<QueryJobRequest, 'projectId' | 'query' | 'defaultDataset' | 'parameters'>,
  { catalog, ml }: Endpoint,
  signal: AbortSignal,
): PlannedText {
  const { projectId, query, defaultDataset, parameters } = request;
  const options = {
    projectId,
    catalog: catalogView(catalog, ml),
    ...(defaultDataset === undefined ? {} : { defaultDataset }),
    ...(parameters === undefined ? {} : { parameters }),
  };
  return { text: query, options, viewCharacters: catalog.viewCharacters(), signal };
}

interface Ended {
  readonly outcome: Outcome;
  readonly source: StatementSource;
  readonly startedMs: number;
}

/** One statement is the job itself; of several, each is a job of its own and the last gives the result of all. */
class Statements {
  readonly #job: Job;
  readonly #endpoint: Endpoint;
  #source: StatementSource = { text: '', position: { line: 1, column: 1 } };
  #startedMs = 0;
  #begun = 0;
  #only: Ended | undefined;
  #lastWithRows: Outcome | undefined;

  constructor(job: Job, endpoint: Endpoint) {
    this.#job = job;
    this.#endpoint = endpoint;
  }

  begin(source: StatementSource): void {
    this.#begun++;
    this.#source = source;
    this.#startedMs = this.#endpoint.clock.nowMs();
  }

  async add(outcome: Outcome): Promise<void> {
    const { record } = this.#job;
    for (const message of outcome.warnings) record.errors.push({ reason: 'warning', message });
    if (outcome.columns !== undefined) this.#lastWithRows = outcome;
    const ended = { outcome, source: this.#source, startedMs: this.#startedMs };
    if (this.#begun === 1) {
      this.#only = ended;
      return;
    }
    if (this.#only !== undefined) await this.#addChild(this.#only);
    this.#only = undefined;
    await this.#addChild(ended);
  }

  /** Where the second fails, what the first did is a job of its own too. */
  async keepFirst(): Promise<void> {
    if (this.#only !== undefined) await this.#addChild(this.#only);
  }

  finish(): void {
    const { record } = this.#job;
    if (this.#only !== undefined) Object.assign(record, resultOf(this.#only.outcome));
    // The rows stay with the child job; the script only shows them.
    else if (this.#lastWithRows !== undefined) {
      Object.assign(record, resultOf(this.#lastWithRows), { statementType: 'SCRIPT', statistics: {} });
    }
  }

  async #addChild({ outcome, source, startedMs }: Ended): Promise<void> {
    const { record } = this.#job;
    const { projectId, jobId, location, configuration } = record;
    record.childJobs++;
    record.statementType = 'SCRIPT';
    const { text, position } = source;
    await this.#endpoint.jobs.addDone(
      { projectId, kind: 'QUERY', location, parentJobId: jobId, configuration: shownAs(configuration, text) },
      {
        ...resultOf(outcome),
        errors: outcome.warnings.map((message) => ({ reason: 'warning', message })),
        startedMs,
        endedMs: this.#endpoint.clock.nowMs(),
        source: { text, startLine: position.line, startColumn: position.column },
      },
    );
  }
}

function shownAs(configuration: Fields, text: string): Fields {
  return { ...configuration, query: { ...(configuration.query as Fields), query: text } };
}

function resultOf({ statementType, statistics, columns, rows, rowsId }: Outcome) {
  return {
    statementType,
    statistics: { ...statistics },
    ...(columns === undefined ? {} : { columns }),
    ...(rows === undefined ? {} : { rows, rowsId }),
  };
}

function statementType(plan: Plan): string {
  if (plan.kind === 'query') return 'SELECT';
  if (plan.kind === 'dml' || plan.kind === 'ddl') return plan.operation;
  return plan.kind === 'createModel' ? 'CREATE_MODEL' : plan.kind === 'dropModel' ? 'DROP_MODEL' : 'SCRIPT';
}
