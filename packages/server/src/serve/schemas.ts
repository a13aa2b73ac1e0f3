import { type Static, Type } from './schema-type.js';

/** Shapes of the HTTP API: requests are validated by them, OpenAPI is made of them, the page imports the types. */

const Labels = Type.Record(Type.String());
const NullableNumber = Type.Union([Type.Number(), Type.Null()]);
const State = Type.Union([
  Type.Literal('warming_up'),
  Type.Literal('ok'),
  Type.Literal('anomalous'),
  Type.Literal('unknown'),
  Type.Literal('no_data'),
]);

/** What of a series says that a sample is anomalous. */
const Component = Type.Union(
  [
    Type.Literal('level'),
    Type.Literal('time_of_day'),
    Type.Literal('day_of_week'),
    Type.Literal('variance'),
    Type.Null(),
  ],
  {
    description:
      'What says so: the value is far from where the series was of late (`level`), it would be ordinary at another ' +
      'time of day (`time_of_day`), or at this time on another day of the week (`day_of_week`), or the series moves more ' +
      'than it did, or less than ever (`variance`); null where it is not told.',
  },
);

export const ErrorBody = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    field: Type.Optional(Type.String()),
    hint: Type.Optional(Type.String()),
  }),
});

export const AnomalyItem = Type.Object({
  timestamp: Type.Integer({ description: 'Seconds since 1970, fraction cut off.' }),
  time: Type.String({ description: 'RFC 3339 in UTC, with milliseconds.' }),
  series: Type.String(),
  name: Type.String(),
  labels: Labels,
  value: Type.Number(),
  expected: NullableNumber,
  lower_bound: NullableNumber,
  upper_bound: NullableNumber,
  anomaly_probability: NullableNumber,
  is_anomaly: Type.Boolean({ description: 'False where late samples have shown that it was none.' }),
  alarm: Type.Boolean(),
  detector: Type.String(),
  component: Component,
  review: Type.Union([Type.Literal('confirmed'), Type.Literal('withdrawn'), Type.Null()], {
    description:
      'Of a minute that was judged again with samples that came late; null where it was judged once.',
  }),
});
export type AnomalyItem = Static<typeof AnomalyItem>;

export const AnomaliesBody = Type.Object(
  {
    anomalies: Type.Array(AnomalyItem),
    next_cursor: Type.Union([Type.String(), Type.Null()]),
  },
  { description: 'A page of anomalies; `next_cursor` is null on the last one.' },
);
export type AnomaliesBody = Static<typeof AnomaliesBody>;

/** One judged sample: in `/api/live` and as `last` of a series. `time` is seconds since 1970 with a fraction. */
export const JudgedSample = Type.Object({
  series: Type.String(),
  time: Type.Number(),
  value: Type.Number(),
  state: State,
  expected: NullableNumber,
  lower_bound: NullableNumber,
  upper_bound: NullableNumber,
  anomaly_probability: NullableNumber,
  score: NullableNumber,
  is_anomaly: Type.Boolean(),
  alarm: Type.Boolean(),
  component: Component,
  have: Type.Integer(),
  need: Type.Integer(),
});
export type JudgedSample = Static<typeof JudgedSample>;

export const SeriesItem = Type.Object({
  series: Type.String(),
  name: Type.String(),
  labels: Labels,
  unit: Type.String({ description: 'Such as ms or B/s, where the name says it; else empty.' }),
  /** `no_data` when the newest sample is long past for this series' own period. */
  state: State,
  have: Type.Integer(),
  need: Type.Integer(),
  last: Type.Union([JudgedSample, Type.Null()]),
  /** Time of the latest anomaly, seconds; null when none is known. */
  last_anomaly: NullableNumber,
  /** The newest minute that its model judged: `state` above is that of the newest sample. Null without a model. */
  last_minute: Type.Union([Type.Object({ time: Type.Number(), state: State }), Type.Null()]),
});
export type SeriesItem = Static<typeof SeriesItem>;

export const SeriesBody = Type.Object(
  {
    series: Type.Array(SeriesItem),
    count: Type.Integer(),
    limit: Type.Integer(),
    states: Type.Object({
      warming_up: Type.Integer(),
      ok: Type.Integer(),
      anomalous: Type.Integer(),
      unknown: Type.Integer(),
      no_data: Type.Integer(),
    }),
    detector: Type.Object({
      name: Type.String(),
      caught_up: Type.Boolean(),
      rebuilding: Type.Union([Type.String(), Type.Null()]),
      series_with_state: Type.Integer(),
      state_bytes: Type.Integer(),
      sensitivity: Type.Number({ description: 'False alarms to be expected of one series in one week.' }),
      direction: Type.Union([Type.Literal('both'), Type.Literal('up'), Type.Literal('down')], {
        description: 'Which way samples are off that are told.',
      }),
      least_deviation: Type.Number({
        description: 'A sample off by less, in the unit of its series, is not told.',
      }),
      least_relative_deviation: Type.Number({
        description: 'Nor one off by a smaller share of what was expected.',
      }),
      time_zone: Type.String({ description: 'Zone whose time of day the series are taken to follow.' }),
    }),
  },
  {
    description:
      'The series, of `count` that were chosen, how many of those are in each state, how many the server takes at most ' +
      '(`limit`), and what the detector is doing.',
  },
);
export type SeriesBody = Static<typeof SeriesBody>;

/** Columns of equal length, oldest first; a gap in the data is a gap in `time`. */
export const SamplesBody = Type.Object(
  {
    series: Type.String(),
    from: Type.Number(),
    to: Type.Number(),
    total: Type.Integer(),
    downsampled: Type.Boolean(),
    time: Type.Array(Type.Number()),
    value: Type.Array(Type.Number()),
    state: Type.Array(State),
    expected: Type.Array(NullableNumber),
    lower_bound: Type.Array(NullableNumber),
    upper_bound: Type.Array(NullableNumber),
    anomaly_probability: Type.Array(NullableNumber),
    alarm: Type.Array(Type.Boolean()),
  },
  { description: 'Columns of equal length, oldest first. Times are seconds.' },
);
export type SamplesBody = Static<typeof SamplesBody>;

/**
 * Answer of `GET`, `POST` (body `SignInBody`) and `DELETE /api/session`. A request that changes something and
 * comes with the cookie must carry `csrf_token` in the header `X-CSRF-Token`; one with a key need not.
 */
export const SessionBody = Type.Object(
  {
    /** False when the server was started without keys: everything is open. */
    key_required: Type.Boolean(),
    signed_in: Type.Boolean(),
    access: Type.Union([Type.Literal('read'), Type.Literal('write'), Type.Null()]),
    csrf_token: Type.Union([Type.String(), Type.Null()]),
    version: Type.String(),
  },
  { description: 'The session as it is now.' },
);
export type SessionBody = Static<typeof SessionBody>;

export const SignInBody = Type.Object({ key: Type.String() }, { examples: [{ key: 'sesame-0123456789' }] });
export type SignInBody = Static<typeof SignInBody>;

/**
 * `GET /api/live?series=KEY&series=KEY`: only these series; every one when there is none. A browser's own
 * EventSource resumes by Last-Event-ID; one opened anew by `&last_event_id=`. `event: samples`; its `id` is the
 * commit's number.
 */
export interface LiveSamples {
  seq: number;
  samples: JudgedSample[];
  /**
   * Present when more arrived at once than an event carries: so many were left out; anomalous samples and the
   * newest of each series come first. They are stored: /api/samples gives them.
   */
  skipped?: number;
}
/**
 * `event: anomalies`: whole minutes that were found anomalous since, as `/get_anomalies` lists them; and those that
 * samples which came late have confirmed or withdrawn. One may be told twice to a reader who comes back.
 */
export interface LiveAnomalies {
  anomalies: AnomalyItem[];
  /** Present when there were more than an event carries: /get_anomalies lists them all. */
  skipped?: number;
}
/** `event: reset`: what was missed cannot be sent; fetch again with /api/samples. */
export interface LiveReset {
  reason: 'resume_too_old' | 'slow_reader';
}
/** `event: heartbeat`, every 5 s: the server's time in seconds. */
export interface LiveHeartbeat {
  time: number;
}

/** `GET /metrics`. */
export const PrometheusText = Type.String({ description: "Prometheus' text format, version 0.0.4." });

export const HealthBody = Type.Object(
  { status: Type.Literal('ok'), version: Type.String() },
  { description: 'The process answers.' },
);
export const ReadyBody = Type.Object({ status: Type.Literal('ready') }, { description: 'It takes samples.' });
export const LiveText = Type.String({
  description:
    'Events `samples` (`{"seq", "samples": […], "skipped"?}`), `anomalies` (`{"anomalies": […], "skipped"?}`: ' +
    'whole minutes as in /get_anomalies), `reset` (`{"reason"}`: fetch again with ' +
    '/api/samples; the newest sample of each series follows) and `heartbeat` (`{"time"}`, every 5 s). The id of ' +
    'an event resumes after it.',
});
