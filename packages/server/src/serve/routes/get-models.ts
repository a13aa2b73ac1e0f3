import type { FastifyInstance } from 'fastify';
import type { ModelInfo } from '../../ports/model-store.js';
import { describeRoute } from '../describe-route.js';
import type { HttpServices } from '../http-services.js';
import { modelOf, NO_SUCH_MODEL } from '../known-models.js';
import { evaluation, forecastPoint, horizonEnd, modelItem, modelState, queueItem } from '../model-bodies.js';
import { ForecastQuery, ModelName, ModelsQuery, NoQuery } from '../model-parameters.js';
import { EvaluateBody, ForecastBody, ModelsBody } from '../model-schemas.js';
import type { Guard } from '../security/guard.js';

/** `GET /api/models`, and of one model `/forecast` and `/evaluate`: what it expects, and how far it was off. */
export function getModelsRoutes(app: FastifyInstance, services: HttpServices, guard: Guard): void {
  listRoute(app, services, guard);
  forecastRoute(app, services, guard);
  evaluateRoute(app, services, guard);
}

function listRoute(app: FastifyInstance, services: HttpServices, guard: Guard): void {
  app.route<{ Querystring: ModelsQuery }>({
    method: 'GET',
    url: '/api/models',
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'models',
      summary: 'All models by name, and the trainings that wait and run',
      querystring: ModelsQuery,
      answers: { 200: ModelsBody },
    }),
    handler: async ({ query }): Promise<ModelsBody> => {
      const { models: kept } = services;
      if (kept === undefined) return { models: [], count: 0, queue: null };
      const chosen = chosenModels(await kept.models(), query.series);
      const nowMs = services.clock.nowMs();
      return {
        models: chosen.slice(0, query.limit).map((model) => modelItem(model, nowMs)),
        count: chosen.length,
        queue: queueItem(kept.queue()),
      };
    },
  });
}

/** By the series in full, or by its bare name. */
function chosenModels(models: readonly ModelInfo[], series: string[] | undefined): readonly ModelInfo[] {
  if (series === undefined) return models;
  const wanted = new Set(series);
  return models.filter((model) => wanted.has(model.series) || wanted.has(bareName(model.series)));
}

function bareName(series: string): string {
  return series.split('{', 1)[0] ?? series;
}

function forecastRoute(app: FastifyInstance, services: HttpServices, guard: Guard): void {
  app.route<{ Params: ModelName; Querystring: ForecastQuery }>({
    method: 'GET',
    url: '/api/models/:name/forecast',
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'models',
      summary: 'What a model expects of the minutes ahead',
      params: ModelName,
      querystring: ForecastQuery,
      answers: { 200: ForecastBody },
      errors: { 404: NO_SUCH_MODEL },
    }),
    handler: async ({ params, query }): Promise<ForecastBody> => {
      const { kept, model } = await modelOf(params.name, services);
      const points = await kept.forecast({ series: model.series, minutes: query.minutes });
      return {
        ...modelState(model),
        horizon_end: horizonEnd(model),
        points: points.map(forecastPoint),
      };
    },
  });
}

function evaluateRoute(app: FastifyInstance, services: HttpServices, guard: Guard): void {
  app.route<{ Params: ModelName }>({
    method: 'GET',
    url: '/api/models/:name/evaluate',
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'models',
      summary: 'How far a model was off the minutes that came since',
      params: ModelName,
      querystring: NoQuery,
      answers: { 200: EvaluateBody },
      errors: { 404: NO_SUCH_MODEL },
    }),
    handler: async ({ params }): Promise<EvaluateBody> => {
      const { kept, model } = await modelOf(params.name, services);
      return { ...modelState(model), ...evaluation((await kept.evaluate(model.series))[0]) };
    },
  });
}
