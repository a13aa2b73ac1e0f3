import { type Static, Type } from './schema-type.js';

/** Shapes of what the API says of models. Times are seconds since 1970. */

const NullableNumber = Type.Union([Type.Number(), Type.Null()]);
const Time = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

/** Which model it is, and whether there is anything to ask it. */
const STATE = {
  name: Type.String(),
  series: Type.String(),
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('training'),
    Type.Literal('trained'),
    Type.Literal('failed'),
  ]),
  error: Type.Union([Type.String(), Type.Null()], {
    description: 'Why the last training failed, or what it waits for.',
  }),
  have: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Minutes with data, where it waits for as many as it needs; null otherwise, as `need`.',
  }),
  need: Type.Union([Type.Integer(), Type.Null()]),
};

export const ModelItem = Type.Object({
  ...STATE,
  options: Type.Record<unknown>(
    {},
    { description: "BigQuery's, in camelCase, where they differ from the default." },
  ),
  trained_at: Time('When it was last trained; null before the first time, as all that a training tells.'),
  history_from: Time('The first minute that it was trained on.'),
  history_to: Time('The last minute that it was trained on.'),
  horizon_end: Time('The last minute that it forecasts, and can judge.'),
  age_seconds: NullableNumber,
  non_seasonal_order: Type.Union([
    Type.Object({ p: Type.Integer(), d: Type.Integer(), q: Type.Integer() }),
    Type.Null(),
  ]),
  has_drift: Type.Union([Type.Boolean(), Type.Null()]),
  seasonal_periods: Type.Array(Type.String(), { description: 'Such as DAILY.' }),
  step_changes: Type.Array(
    Type.Object({
      time: Type.Number(),
      size: Type.Number(),
      learned_at: Time(
        'When it was trained with this step for the first time; null if its first training had it.',
      ),
    }),
    { description: 'Lasting changes of level that it knows, oldest first.' },
  ),
  next_training: Time('When it is due to be trained again.'),
  training_seconds: NullableNumber,
  last_minute: Type.Union(
    [
      Type.Object({
        time: Type.Number(),
        state: Type.Union([
          Type.Literal('ok'),
          Type.Literal('anomalous'),
          Type.Literal('unknown'),
          Type.Literal('no_data'),
        ]),
      }),
      Type.Null(),
    ],
    { description: 'The newest minute that was judged, and how.' },
  ),
});
export type ModelItem = Static<typeof ModelItem>;

export const ModelsBody = Type.Object(
  {
    models: Type.Array(ModelItem),
    count: Type.Integer(),
    queue: Type.Union([
      Type.Null(),
      Type.Object({
        waiting: Type.Integer(),
        running: Type.Integer(),
        workers: Type.Integer({ description: 'Most trainings that run at once.' }),
        seconds_to_train_all: Type.Union([Type.Number(), Type.Null()], {
          description:
            'What training every model once takes at the present pace; null while none was trained.',
        }),
        without_room: Type.Integer({
          description: 'Series with enough history for a model, and no room for it.',
        }),
      }),
    ]),
  },
  {
    description:
      'The models, `count` of them in all; and the trainings that wait and run. `queue` is null where the server keeps no models.',
  },
);
export type ModelsBody = Static<typeof ModelsBody>;

export const ForecastBody = Type.Object(
  {
    ...STATE,
    horizon_end: Time('The last minute that it forecasts; null before its first training.'),
    points: Type.Array(
      Type.Object({
        time: Type.Number(),
        expected: NullableNumber,
        lower: NullableNumber,
        upper: NullableNumber,
      }),
    ),
  },
  {
    description:
      'The minutes from the first that has not closed yet, never past `horizon_end`. 95 of 100 values lie between ' +
      '`lower` and `upper`. There are none before the first training: `state` and `error` say why.',
  },
);
export type ForecastBody = Static<typeof ForecastBody>;

export const ExplainBody = Type.Object(
  {
    ...STATE,
    points: Type.Array(
      Type.Object({
        time: Type.Number(),
        part: Type.Union([Type.Literal('history'), Type.Literal('forecast'), Type.Literal('judged')]),
        value: Type.Union([Type.Number(), Type.Null()], {
          description: "The minute's mean, in history the sum of all parts; null in the forecast.",
        }),
        expected: Type.Union([Type.Number(), Type.Null()], {
          description:
            'Trend, seasons, holiday and steps together, in the forecast within the limits set; of a judged minute, what it ' +
            'was judged by.',
        }),
        standard_error: Type.Union([Type.Number(), Type.Null()], {
          description: 'In history that of its residuals, in the forecast that of the forecast.',
        }),
        lower: Type.Union([Type.Number(), Type.Null()], {
          description: '95 of 100 values lie between `lower` and `upper`; null in history.',
        }),
        upper: NullableNumber,
        trend: NullableNumber,
        seasonal: Type.Record(NullableNumber, { description: 'Effect of each season, such as `daily`.' }),
        holiday: NullableNumber,
        spikes_and_dips: NullableNumber,
        step_changes: Type.Union([Type.Number(), Type.Null()], {
          description: 'All steps until then together.',
        }),
        residual: NullableNumber,
        words: Type.String(),
      }),
    ),
  },
  { description: 'What the model sees in each minute, oldest first.' },
);
export type ExplainBody = Static<typeof ExplainBody>;

export const EvaluateBody = Type.Object(
  {
    ...STATE,
    mean_absolute_error: NullableNumber,
    mean_squared_error: NullableNumber,
    root_mean_squared_error: NullableNumber,
    mean_absolute_percentage_error: NullableNumber,
    symmetric_mean_absolute_percentage_error: NullableNumber,
    mean_absolute_scaled_error: NullableNumber,
  },
  {
    description:
      'How far its forecasts were off the minutes that came since, as ML.EVALUATE names it, percentages as shares; null before any came.',
  },
);
export type EvaluateBody = Static<typeof EvaluateBody>;

export const TrainBody = Type.Object(
  {
    options: Type.Optional(
      Type.Record<unknown>(
        {},
        { description: "BigQuery's options in camelCase; those of before when absent." },
      ),
    ),
  },
  { additionalProperties: false, examples: [{}, { options: { horizon: 500, seasonalities: ['DAILY'] } }] },
);
export type TrainBody = Static<typeof TrainBody>;
