import { AppError } from '../../errors.js';
import type { ModelTaskAnswer, ModelTaskMessage, ModelTaskName, ModelTasks } from './model-tasks.js';
import { BACKGROUND_NICENESS, type TaskOptions, WorkerPool } from './worker-pool.js';

/** A thread without work ends after this long: it holds memory that others can use. */
const IDLE_MS = 30_000;

/** A task that failed for a reason that its caller knows what to do with. */
export class ModelTaskError extends Error {
  constructor(
    message: string,
    readonly kind: 'option' | 'no_model' | 'missing',
  ) {
    super(message);
  }
}

/** Threads that train and explain. They start when there is work and end when there was none for a while. */
export class ModelPool {
  readonly #pool: WorkerPool<ModelTaskMessage, ModelTaskAnswer>;

  constructor(threadsMax: number) {
    const script = new URL('./model-worker.js', import.meta.url);
    // Nearly all that a fit makes lies outside the heap: a larger young generation would only be resident memory.
    const resourceLimits = { maxYoungGenerationSizeMb: 8 };
    this.#pool = new WorkerPool({
      script,
      name: 'seismo-models',
      threadsMax,
      idleMs: IDLE_MS,
      resourceLimits,
      niceness: BACKGROUND_NICENESS,
    });
  }

  async run<Name extends ModelTaskName>(
    name: Name,
    request: ModelTasks[Name]['request'],
    options: TaskOptions = {},
  ): Promise<ModelTasks[Name]['reply']> {
    const answer = await this.#pool.run({ name, request }, options);
    if ('reply' in answer) return answer.reply as ModelTasks[Name]['reply'];
    if (answer.kind === 'fault') throw new AppError('internal', `A model failed: ${answer.failure}`);
    throw new ModelTaskError(answer.failure, answer.kind);
  }

  /** Ends all threads at once; what they were doing is rejected. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}
