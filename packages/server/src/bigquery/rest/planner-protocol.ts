import type { MessagePort } from 'node:worker_threads';
import type { CatalogView, Plan, QueryPlan, SqlErrorReason, TranslateOptions } from '../sql/plan.js';
import { SqlError } from '../sql/plan.js';
import type { StatementSource } from '../sql/script.js';

/** What planner.ts and its threads say to each other: one message at a time, each answered by the other side. */

/** What a thread starts with. */
export interface PlannerThreadData {
  /** Questions about the catalog go out here, and answers come in. */
  readonly catalogPort: MessagePort;
  /** Set to 1 when the answer is there: the thread waits for it, since the catalog is asked and not awaited. */
  readonly answered: Int32Array;
}

export type ToPlannerThread =
  | {
      readonly kind: 'begin';
      readonly text: string;
      readonly options: Omit<TranslateOptions, 'catalog'>;
      /** Everything at once, without running it. */
      readonly checks: boolean;
    }
  | { readonly kind: 'next' }
  | { readonly kind: 'row'; readonly row: readonly unknown[] | undefined }
  /** What the thread asked for failed; `number` counts such errors. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly number: number };

export type FromPlannerThread =
  | { readonly kind: 'plan'; readonly plan: Plan; readonly source: StatementSource }
  | { readonly kind: 'question'; readonly query: QueryPlan }
  | { readonly kind: 'plans'; readonly plans: readonly Plan[] }
  | { readonly kind: 'done' }
  /** It ends with the error of that number. */
  | { readonly kind: 'passed'; readonly number: number }
  | Failure;

/** An error on its way: of its class only what whoever catches it needs comes along by itself. */
export interface Failure {
  readonly kind: 'failure';
  readonly message: string;
  /** Of an SqlError. */
  readonly reason?: SqlErrorReason;
}

export function failureOf(error: unknown): Failure {
  const { message } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'failure', message, ...(error instanceof SqlError ? { reason: error.reason } : {}) };
}

/** The position stands in the message already. */
export function errorOf({ message, reason }: Failure): Error {
  return reason === undefined ? new Error(message) : new SqlError(reason, message);
}

type Methods = { readonly [Name in keyof CatalogView]: Parameters<CatalogView[Name]> };
export type CatalogQuestion = {
  [Name in keyof Methods]: { readonly method: Name; readonly values: Methods[Name] };
}[keyof Methods];
export type CatalogAnswer = { readonly kind: 'answer'; readonly value: unknown } | Failure;
