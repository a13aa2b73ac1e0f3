import { type Static, Type } from './schema-type.js';

/** Query parameters of the API; validated by these and described by these. */

export const Series = Type.Array(Type.String({ minLength: 1, maxLength: 20_000 }), {
  maxItems: 1000,
  description:
    'An exact series such as `latency{service="checkout"}`, or a bare name for every series of that name. ' +
    'May be given several times.',
  examples: [['latency'], ['latency{service="checkout"}', 'cpu']],
});
const TIME_WORDS = 'Seconds since 1970 or RFC 3339, inclusive.';
export const From = Type.String({
  description: TIME_WORDS,
  maxLength: 40,
  examples: ['1743548330', '2025-04-01T22:58:50Z'],
});
export const To = Type.String({
  description: TIME_WORDS,
  maxLength: 40,
  examples: ['1743548390.5', '2025-04-02T00:59:50+02:00'],
});
/** `label.service=checkout`: a filter on a label's exact value; other names than these no label can have. */
const labelFilters = {
  patternProperties: { '^label\\.[A-Za-z_][A-Za-z0-9_.:/-]{0,99}$': { type: 'string', maxLength: 500 } },
  additionalProperties: false,
};

export const AnomaliesQuery = Type.Object(
  {
    limit: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 100,
      description: 'Most anomalies to give.',
      examples: [10],
    }),
    series: Type.Optional(Series),
    from: Type.Optional(From),
    to: Type.Optional(To),
    min_probability: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Only anomalies at least this probable.',
        examples: [0.999],
      }),
    ),
    alarms_only: Type.Boolean({
      default: false,
      description: 'Only the first anomaly of each excursion.',
      examples: [true],
    }),
    detector: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Only what this detector found: `arima_plus` judges whole minutes.',
        examples: ['arima_plus'],
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        maxLength: 500,
        description: '`next_cursor` of the page before, with the same filters.',
        examples: ['WzE3NDM1NDgzMzAwMDAsImxhdGVuY3kiLCJyb2J1c3QiXQ'],
      }),
    ),
  },
  labelFilters,
);
export type AnomaliesQuery = Static<typeof AnomaliesQuery> & Record<string, unknown>;

export const SeriesQuery = Type.Object(
  {
    series: Type.Optional(Series),
    search: Type.Optional(
      Type.String({
        maxLength: 1000,
        description: 'Only series that hold every one of these words, large or small, in name or labels.',
        examples: ['checkout'],
      }),
    ),
    limit: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Most series to give.',
      examples: [50],
    }),
  },
  labelFilters,
);
export type SeriesQuery = Static<typeof SeriesQuery> & Record<string, unknown>;

export const SamplesQuery = Type.Object(
  {
    series: Type.String({
      minLength: 1,
      maxLength: 20_000,
      description: 'The exact series.',
      examples: ['latency{service="checkout"}'],
    }),
    from: Type.Optional(Type.String({ ...From, description: 'Default: an hour before `to`.' })),
    to: Type.Optional(Type.String({ ...To, description: 'Default: now.' })),
    points: Type.Integer({
      minimum: 2,
      maximum: 200_000,
      default: 2000,
      examples: [500],
      description:
        'About how many samples to give at most. Raw where they fit; otherwise the smallest and the largest of ' +
        'each equal span of time, and every anomalous one besides.',
    }),
  },
  { additionalProperties: false },
);
export type SamplesQuery = Static<typeof SamplesQuery>;

export const LiveQuery = Type.Object(
  {
    series: Type.Optional(Series),
    last_event_id: Type.Optional(
      Type.String({
        maxLength: 20,
        description: 'As the header Last-Event-ID, for a connection opened anew.',
        examples: ['1042'],
      }),
    ),
  },
  labelFilters,
);
export type LiveQuery = Static<typeof LiveQuery> & Record<string, unknown>;
