import { From, Series, To } from './parameters.js';
import { type Static, Type } from './schema-type.js';

/** Parameters of the routes of models. */

/** Of routes that take none. */
export const NoQuery = Type.Object({}, { additionalProperties: false });

/** BigQuery's longest horizon. */
export const MINUTES_MAX = 10_000;

export const ModelsQuery = Type.Object(
  {
    series: Type.Optional(Series),
    limit: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Most models to give.',
      examples: [50],
    }),
  },
  { additionalProperties: false },
);
export type ModelsQuery = Static<typeof ModelsQuery>;

export const ModelName = Type.Object({
  name: Type.String({
    minLength: 1,
    description: "URL-encoded. A model that is kept by itself bears its series' name in full.",
    examples: ['latency{service="checkout"}'],
  }),
});
export type ModelName = Static<typeof ModelName>;

const MINUTES = { minimum: 1, maximum: MINUTES_MAX, examples: [30] };

export const ForecastQuery = Type.Object(
  {
    minutes: Type.Integer({
      ...MINUTES,
      default: 120,
      description: 'How many minutes at most, from the first that has not closed yet.',
    }),
  },
  { additionalProperties: false },
);
export type ForecastQuery = Static<typeof ForecastQuery>;

export const ExplainQuery = Type.Object(
  {
    from: Type.Optional(Type.String({ ...From, description: 'Default: an hour before `to`.' })),
    to: Type.Optional(Type.String({ ...To, description: 'Default where `from` is given: now.' })),
    minutes: Type.Optional(
      Type.Integer({
        ...MINUTES,
        description:
          'Instead of `from` and `to`: the last of its history and as many of its forecast. Default: 60.',
      }),
    ),
    judged: Type.Boolean({
      default: false,
      description:
        'Minutes that were judged are told as the model that judged them saw them, whatever was learned since: ' +
        'their `part` is `judged`.',
      examples: [false],
    }),
    time_zone: Type.Optional(
      Type.String({
        maxLength: 100,
        description: "Of the times in `words`, as IANA names it. Default: the server's (`--time-zone`).",
        examples: ['Europe/Berlin'],
      }),
    ),
  },
  { additionalProperties: false },
);
export type ExplainQuery = Static<typeof ExplainQuery>;
