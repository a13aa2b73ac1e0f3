import { computed, signal } from '@preact/signals';
import type { ModelItem, ModelsBody } from '@seismo/server/serve/model-schemas';
import { ApiError, fetchModels } from '../api/client.js';
import { place } from './location.js';

/** By the key of their series; those of the series shown, or all where all are listed. */
export const models = signal<ReadonlyMap<string, ModelItem>>(new Map());
/** What waits and runs; null until the server said. */
export const queue = signal<ModelsBody['queue'] | null>(null);
export const modelCount = signal(0);
export const modelsError = signal<ApiError | null>(null);
/** The server said that it keeps no models at all. */
export const isWithoutModels = signal(false);

/** Whose models are on screen: of a series, of all (''), or none. */
export const shownModels = computed(() => {
  const { series, models: isList } = place.value;
  return series ?? (isList ? '' : null);
});

const EVERY_MS = 15_000;
const EVERY_TRAINING_MS = 3000;
let asked = 0;
let askedMs = 0;

/** Fetches what is shown of models; nothing where none is. */
export async function refreshModels(): Promise<void> {
  const shown = shownModels.peek();
  if (shown === null) return;
  const turn = ++asked;
  askedMs = Date.now();
  try {
    const body = await fetchModels(shown === '' ? null : shown);
    if (turn !== asked) return;
    models.value = new Map(body.models.map((model) => [model.series, model]));
    queue.value = body.queue;
    isWithoutModels.value = body.queue === null;
    modelCount.value = body.count;
    modelsError.value = null;
  } catch (error) {
    if (turn === asked)
      modelsError.value = error instanceof ApiError ? error : new ApiError(0, String(error));
  }
}

/** How often one looks whether it is time. */
export const MODELS_LOOK_MS = EVERY_TRAINING_MS;

/** Fetches again where it is time: soon while the model that is shown trains. */
export async function refreshModelsInTime(): Promise<void> {
  const model = models.peek().get(shownModels.peek() ?? '');
  const everyMs = model?.state === 'training' ? EVERY_TRAINING_MS : EVERY_MS;
  if (Date.now() - askedMs >= everyMs) await refreshModels();
}
