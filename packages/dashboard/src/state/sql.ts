import { signal } from '@preact/signals';
import { ApiError, fetchModels } from '../api/client.js';
import { cancelJob, newJobId, runScript, type ScriptResult } from '../api/sql-jobs.js';
import { asksServersModels, notesOf, type RunFacts } from '../model/sql-notes.js';
import { entries } from './catalogue.js';
import { now } from './clock.js';
import { go } from './location.js';
import { refreshSession, session } from './session.js';
import { editorText } from './sql-text.js';

export interface Run {
  readonly jobId: string;
  readonly startedMs: number;
  readonly giveUp: AbortController;
  isCancelled: boolean;
}

/** What ran, with its statement: places in a failure are places in it. */
export interface LastScript extends ScriptResult {
  readonly sql: string;
  readonly seconds: number;
  /** As it was asked to be, here. */
  readonly isCancelled: boolean;
  /** Why there is nothing, or less than one might expect. */
  readonly notes: readonly string[];
}

/** What runs now. */
export const running = signal<Run | null>(null);
/** Whether the server answers while something runs there. */
export const isAnswering = signal(true);
export const lastScript = signal<LastScript | null>(null);
/** Why nothing could be run at all. */
export const sqlError = signal<string | null>(null);

/** Runs what stands in the editor; the address then holds it too. */
export async function runEditor(): Promise<void> {
  const sql = editorText.peek();
  if (running.peek() !== null || sql.trim() === '') return;
  const startedMs = performance.now();
  const run: Run = { jobId: newJobId(), startedMs, giveUp: new AbortController(), isCancelled: false };
  running.value = run;
  isAnswering.value = true;
  sqlError.value = null;
  go({ sql }, { replace: true });
  const watch = {
    answers: (isNow: boolean) => {
      isAnswering.value = isNow;
    },
    signal: run.giveUp.signal,
  };
  try {
    const result = await runScript(run.jobId, sql, token(), watch);
    const seconds = (performance.now() - startedMs) / 1000;
    const isCancelled = run.isCancelled && result.isStopped;
    lastScript.value = { ...result, sql, seconds, isCancelled, notes: await notesAfter(sql, result) };
  } catch (error) {
    lastScript.value = null;
    sqlError.value = run.giveUp.signal.aborted ? GIVEN_UP : wordsOf(error);
    if (error instanceof ApiError && error.status === 401) await refreshSession();
  } finally {
    running.value = null;
  }
}

const GIVEN_UP = 'No longer waited for. The server did not answer; what ran there may have gone on.';

/** Ends what runs, on the server, and the run itself then says so; without an answer from there, the waiting for it. */
export async function cancelRun(): Promise<void> {
  const run = running.peek();
  if (run === null) return;
  if (!isAnswering.peek()) {
    run.giveUp.abort();
    return;
  }
  run.isCancelled = true;
  try {
    await cancelJob(run.jobId, token());
  } catch (error) {
    if (error instanceof ApiError && error.isOffline) run.giveUp.abort();
    else sqlError.value = wordsOf(error);
  }
}

async function notesAfter(sql: string, result: ScriptResult): Promise<string[]> {
  const { statements, failure } = result;
  const run: RunFacts = {
    ...{ sql, failure },
    isEmpty: statements.some(({ fields, rowCount }) => fields !== null && rowCount === 0),
  };
  // A note only: without an answer there is none.
  const models = asksServersModels(run) ? await fetchModels(null).catch(() => null) : null;
  const series = entries.peek();
  const hasPlain = series.has('latency') || series.has('cpu');
  return notesOf(run, { models, seriesCount: series.size, hasPlain, now: now() });
}

function wordsOf(error: unknown): string {
  if (error instanceof ApiError && error.hint !== undefined) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}

function token(): string | null {
  return session.peek()?.csrf_token ?? null;
}
