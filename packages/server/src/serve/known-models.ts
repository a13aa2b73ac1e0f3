import { closest, distance } from 'fastest-levenshtein';
import { AppError } from '../errors.js';
import type { ModelInfo, ModelStore } from '../ports/model-store.js';
import type { HttpServices } from './http-services.js';

export const NO_MODELS = 'This server keeps no models.';
export const NO_SUCH_MODEL =
  'There is no such model, and `hint` names the nearest; or the server keeps none.';

/** The store of models, or 404 where the server has none. */
export function keptModels({ models }: HttpServices): ModelStore {
  if (models === undefined) throw new AppError('not_found', NO_MODELS);
  return models;
}

/** The model of that name, or 404 with the nearest. */
export async function modelOf(
  name: string,
  services: HttpServices,
): Promise<{ kept: ModelStore; model: ModelInfo }> {
  const kept = keptModels(services);
  const models = await kept.models();
  const model = models.find((one) => one.name === name);
  if (model === undefined) throw unknownModel(name, models);
  return { kept, model };
}

function unknownModel(name: string, models: readonly ModelInfo[]): AppError {
  const names = models.map((model) => model.name);
  // A bare name stands for several series elsewhere; of models there is one for each.
  const labelled = names.find((one) => one.startsWith(`${name}{`));
  const nearest = labelled ?? (names.length === 0 ? '' : closest(name, names));
  const isTypo = nearest !== '' && distance(nearest, name) <= Math.max(1, Math.floor(nearest.length / 3));
  const isNear = labelled !== undefined || isTypo;
  return new AppError('not_found', `There is no model ${name.slice(0, 200)}.`, {
    field: 'name',
    hint: isNear ? `Did you mean ${nearest}?` : 'GET /api/models lists them.',
  });
}
