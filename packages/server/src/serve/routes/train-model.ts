import type { FastifyInstance } from 'fastify';
import { describeRoute } from '../describe-route.js';
import type { HttpServices } from '../http-services.js';
import { keptModels, NO_MODELS } from '../known-models.js';
import { modelItem } from '../model-bodies.js';
import { ModelName, NoQuery } from '../model-parameters.js';
import { ModelItem, TrainBody } from '../model-schemas.js';
import type { Guard } from '../security/guard.js';

/**
 * `POST /api/models/{name}/train`: trains one series now, ahead of those that wait, with options that it keeps. The
 * name is the series' key, whether it has a model yet or not.
 */
export function trainModelRoute(app: FastifyInstance, services: HttpServices, guard: Guard): void {
  app.route<{ Params: ModelName; Body: TrainBody }>({
    method: 'POST',
    url: '/api/models/:name/train',
    onRequest: guard.write,
    // Who sends no body wants what an empty one says.
    preValidation: async (request) => {
      request.body ??= {};
    },
    schema: describeRoute({
      tag: 'models',
      summary: 'Train the model of one series now',
      params: ModelName,
      querystring: NoQuery,
      body: TrainBody,
      answers: { 200: { ...ModelItem, description: 'The model as it is now.' } },
      errors: {
        400: 'An option is wrong, which `message` names with its range.',
        404: `There is no such series. Or: ${NO_MODELS}`,
      },
    }),
    handler: async ({ params, body }): Promise<ModelItem> => {
      const trained = await keptModels(services).trainSeries({ series: params.name, ...body });
      return modelItem(trained, services.clock.nowMs());
    },
  });
}
