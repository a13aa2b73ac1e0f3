import type { ArimaThreads } from '../../ports/arima-threads.js';
import type { Clock } from '../../ports/clock.js';
import type { HolidayCalendar } from '../../ports/holiday-calendar.js';
import type { SqlModelHeader, SqlModels } from '../../ports/sql-models.js';
import { type Column, type MlCallShape, SqlError, type TableName } from '../sql/plan.js';
import { callColumns } from './call-columns.js';
import { callModel } from './call-model.js';
import {
  type CreatedModel,
  type CreateModelRequest,
  checkModel,
  createModel,
  isServers,
  type ModelShape,
} from './create-model.js';
import type { MlRows } from './ml-rows.js';
import type { MlAnswer } from './model-call.js';
import { type ModelResource, modelListing, modelResource } from './model-resource.js';

export interface MlModelsParts {
  readonly models: SqlModels;
  readonly threads: ArimaThreads;
  readonly calendar: HolidayCalendar;
  readonly clock: Clock;
}

/** BigQuery's models on one machine: CREATE MODEL for ARIMA_PLUS, the table functions over them, and REST's `models`. */
export class MlModels {
  readonly #parts: MlModelsParts;

  constructor(parts: MlModelsParts) {
    this.#parts = parts;
  }

  has(dataset: string, model: string): boolean {
    return this.#parts.models.get({ dataset, model }) !== undefined;
  }

  /**
   * The columns that a call gives, before it runs.
   * @throws SqlError without a position: `notFound`, or `invalidQuery` where arguments or input do not suit
   */
  columns(call: MlCallShape): readonly Column[] {
    return callColumns(call, this.#header(call.model));
  }

  /** Runs a call; `input` has the rows of its query. Rejects as `columns` throws, and as the store of models does. */
  async call(
    call: Pick<MlCallShape, 'function' | 'model' | 'settings'>,
    input?: MlRows,
    signal?: AbortSignal,
  ): Promise<MlAnswer> {
    const { dataset, table: model } = call.model;
    const opened = await this.#parts.models.open({ dataset, model });
    if (opened === undefined) throw notFound(call.model);
    try {
      return await callModel(call, input, { model: opened, threads: this.#parts.threads, signal });
    } finally {
      await opened.close();
    }
  }

  /**
   * Checks a CREATE MODEL before its queries run.
   * @throws SqlError where options or columns do not suit
   */
  check(shape: ModelShape, target: TableName): void {
    const { dataset, table: model } = target;
    if (this.#parts.models.get({ dataset, model })?.isServers) throw isServers(target);
    checkModel(shape);
  }

  create(request: CreateModelRequest): Promise<CreatedModel> {
    return createModel(request, this.#parts);
  }

  /** Resolves with false where there is none. Rejects with an SqlError for one that the server trains by itself. */
  async drop(name: TableName): Promise<boolean> {
    const { dataset, table: model } = name;
    if (this.#parts.models.get({ dataset, model })?.isServers) throw isServers(name);
    return this.#parts.models.remove({ dataset, model });
  }

  /** With the dataset that they are in. */
  async dropAll(dataset: string): Promise<void> {
    for (const header of this.#parts.models.list(dataset)) await this.#parts.models.remove(header);
  }

  /** As `models.list` of REST has them, by name. */
  list(projectId: string, dataset: string): ModelResource[] {
    return this.#parts.models.list(dataset).map((header) => modelListing(projectId, header));
  }

  /** As `models.get` of REST has it; undefined where there is none. */
  async get({ projectId, dataset, table: model }: TableName): Promise<ModelResource | undefined> {
    const opened = await this.#parts.models.open({ dataset, model });
    if (opened === undefined) return undefined;
    try {
      return modelResource(projectId, opened);
    } finally {
      await opened.close();
    }
  }

  #header(name: TableName): SqlModelHeader {
    const header = this.#parts.models.get({ dataset: name.dataset, model: name.table });
    if (header === undefined) throw notFound(name);
    return header;
  }
}

function notFound({ projectId, dataset, table }: TableName): SqlError {
  return new SqlError('notFound', `Not found: Model ${projectId}:${dataset}.${table}`);
}
